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
  ///   - seed: of the run, for the rounding of tables in bf16: the bits of a value and its moments are a
  ///     function of it, the table's name, the step and the value's place in the table.
  /// - Returns: `[2]`: the norm of the gradient before clipping, and the factor that clipped it.
  /// - Throws: `OpenCLError` when memory runs out or a launch fails.
  @discardableResult
  public func update(
    by settings: OptimizerSettings, learningRate: Double, step: Int, seed: UInt64
  ) throws -> Tensor {
    let maximumNorm = Float(settings.maximumGradientNorm)
    let norm = try backend.empty([2])
    if backend.isReference {
      OptimizerReference.norm(gradients.floats, norm.floats, maximumNorm: maximumNorm)
    }
    let squares = try backend.isReference ? norm : launchSquares()
    for (range, arrays) in ranges {
      let rate = learningRate * range.rateFactor
      let now = OptimizerStep(settings, learningRate: rate, step: step)
      let rounding = range.table.map { TableRounding(of: $0, seed: seed, step: step) }
      guard !backend.isReference else {
        var undecayed = settings
        undecayed.weightDecay = 0
        let other = OptimizerStep(undecayed, learningRate: rate, step: step)
        try OptimizerReference.step(
          arrays, range.decayedCount, norm.floats, now, undecayed: other, rounding, on: backend)
        continue
      }
      try launch(
        now,
        OptimizerArrays(arrays: arrays, squares: squares, maximumNorm: maximumNorm, norm: norm),
        range, rounding)
    }
    return norm
  }

  private func launch(
    _ now: OptimizerStep, _ arrays: OptimizerArrays, _ range: TrainedRange,
    _ rounding: TableRounding?
  ) throws {
    let count = range.range.count
    let grid = backend.tuning.elementGrid(count)
    let (all, decayed) = (UInt64(count), UInt64(range.decayedCount))
    let options = arrays.arrays[0].tableOptions
    let stored = Double(arrays.arrays[0].elementType.byteCount)
    // Values and moments are read and written, gradients read.
    let cost = { (moments: Double) in
      KernelCost(bytes: (4 + 2 * (1 + moments) * stored) * Double(count))
    }
    func adam(_ kernel: StaticString, _ numbers: AdamNumbers) throws {
      try backend.launch(
        kernel, in: "optimizer", after: ["random_rounding"], options: options, grid, cost: cost(2),
        arrays, all, decayed, numbers.decay, numbers.weight1, numbers.beta2, numbers.weight2,
        numbers.stepSize, numbers.rootCorrection, numbers.epsilon, OptionalRounding(rounding))
    }
    switch now {
    case .adamW(let numbers): try adam("adamw_step", numbers)
    case .adam(let numbers): try adam("adam_step", numbers)
    case .sgd(let numbers):
      try backend.launch(
        "sgd_step", in: "optimizer", after: ["random_rounding"], options: options, grid,
        cost: cost(1), arrays, all, decayed, numbers.decay, numbers.momentum, numbers.gradientRate,
        numbers.momentumRate, OptionalRounding(rounding))
    }
  }

  /// Sums of squares of the gradients' blocks.
  private func launchSquares() throws -> Tensor {
    let blocks = 256  // BLOCKS of optimizer.cl
    let partial = try backend.empty([blocks])
    try backend.launch(
      "gradient_square_sums", in: "optimizer", after: ["random_rounding"],
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
