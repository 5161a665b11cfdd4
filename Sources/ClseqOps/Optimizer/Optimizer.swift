import ClseqRuntime

extension ParameterStore {
  /// One step of an optimiser over all parameters.
  ///
  /// Gradients are not changed, and the host does not wait. If the norm of the gradient is not
  /// finite, parameters and moments are not changed either, so that a caller that reads the norm
  /// can stop and find the cause.
  ///
  /// - Parameters:
  ///   - settings: the rule and its constants.
  ///   - learningRate: the rate of this step.
  ///   - step: number of the step, from 1.
  /// - Returns: `[2]`: the norm of the gradient before clipping, and the factor that clipped it.
  /// - Throws: `OpenCLError` when memory runs out or a launch fails.
  @discardableResult
  public func update(
    by settings: OptimizerSettings, learningRate: Double, step: Int
  ) throws -> Tensor {
    let maximumNorm = Float(settings.maximumGradientNorm)
    let norm = try backend.empty([2])
    if backend.isReference {
      OptimizerReference.norm(gradients.floats, norm.floats, maximumNorm: maximumNorm)
    }
    let squares = try backend.isReference ? norm : launchSquares()
    for (range, arrays) in trainedRanges {
      let rate = learningRate * range.rateFactor
      let now = OptimizerStep(settings, learningRate: rate, step: step)
      guard !backend.isReference else {
        var undecayed = settings
        undecayed.weightDecay = 0
        let other = OptimizerStep(undecayed, learningRate: rate, step: step)
        OptimizerReference.step(arrays.map(\.floats), 0..<range.decayedCount, norm.floats, now)
        OptimizerReference.step(
          arrays.map(\.floats), range.decayedCount..<range.range.count, norm.floats, other)
        continue
      }
      try launch(
        now,
        OptimizerArrays(arrays: arrays, squares: squares, maximumNorm: maximumNorm, norm: norm),
        range)
    }
    return norm
  }

  private func launch(
    _ now: OptimizerStep, _ arrays: OptimizerArrays, _ range: TrainedRange
  ) throws {
    let count = range.range.count
    let grid = backend.tuning.elementGrid(count)
    let (all, decayed) = (UInt64(count), UInt64(range.decayedCount))
    func adam(_ kernel: StaticString, _ numbers: AdamNumbers) throws {
      try backend.launch(
        kernel, in: "optimizer", grid, cost: KernelCost(bytes: Double(28 * count)), arrays, all,
        decayed, numbers.decay, numbers.weight1, numbers.beta2, numbers.weight2, numbers.stepSize,
        numbers.rootCorrection, numbers.epsilon)
    }
    switch now {
    case .adamW(let numbers): try adam("adamw_step", numbers)
    case .adam(let numbers): try adam("adam_step", numbers)
    case .sgd(let numbers):
      try backend.launch(
        "sgd_step", in: "optimizer", grid, cost: KernelCost(bytes: Double(20 * count)), arrays, all,
        decayed, numbers.decay, numbers.momentum, numbers.gradientRate, numbers.momentumRate)
    }
  }

  /// Sums of squares of the gradients' blocks.
  private func launchSquares() throws -> Tensor {
    let blocks = 256  // BLOCKS of optimizer.cl
    let partial = try backend.empty([blocks])
    try backend.launch(
      "gradient_square_sums", in: "optimizer",
      Grid(groups: blocks, size: backend.tuning == .gpu ? 256 : 1),
      cost: KernelCost(bytes: Double(4 * gradients.count)), gradients, partial,
      UInt64(gradients.count))
    return partial
  }
}

/// The first arguments of a step: the arrays of a range, and what clips the gradient.
private struct OptimizerArrays: KernelArgument {
  /// Values, gradients, first and second moments.
  let arrays: [Tensor]
  /// Sums of squares of the gradient's blocks.
  let squares: Tensor
  let maximumNorm: Float
  /// `[2]`, which the step writes.
  let norm: Tensor

  func add(to arguments: inout KernelArguments) {
    for array in arrays { arguments.add(array) }
    arguments.add(squares, maximumNorm, norm)
  }
}
