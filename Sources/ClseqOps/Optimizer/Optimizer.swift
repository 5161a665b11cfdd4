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
    let now = OptimizerStep(settings, learningRate: learningRate, step: step)
    let maximumNorm = Float(settings.maximumGradientNorm)
    let norm = try backend.empty([2])
    if backend.isReference {
      OptimizerReference.norm(gradients.floats, norm.floats, maximumNorm: maximumNorm)
      OptimizerReference.step(
        parameters: values.floats, gradients: gradients.floats, firstMoments: firstMoments.floats,
        secondMoments: secondMoments.floats, norm: norm.floats, now)
      return norm
    }
    let clipping = GradientClipping(
      squares: try launchSquares(), maximumNorm: maximumNorm, norm: norm)
    switch now {
    case .adamW(let numbers): try launchAdam("adamw_step", numbers, clipping)
    case .adam(let numbers): try launchAdam("adam_step", numbers, clipping)
    case .sgd(let numbers):
      try backend.launch(
        "sgd_step", in: "optimizer", backend.tuning.elementGrid(flatCount),
        cost: KernelCost(bytes: Double(20 * flatCount)), values, gradients, firstMoments, clipping,
        UInt64(flatCount), numbers.decay, numbers.momentum, numbers.gradientRate,
        numbers.momentumRate)
    }
    return norm
  }

  /// Sums of squares of the gradients' blocks.
  private func launchSquares() throws -> Tensor {
    let blocks = 256  // BLOCKS of optimizer.cl
    let partial = try backend.empty([blocks])
    try backend.launch(
      "gradient_square_sums", in: "optimizer",
      Grid(groups: blocks, size: backend.tuning == .gpu ? 256 : 1),
      cost: KernelCost(bytes: Double(4 * flatCount)), gradients, partial, UInt64(flatCount))
    return partial
  }

  private func launchAdam(
    _ kernel: StaticString, _ numbers: AdamNumbers, _ clipping: GradientClipping
  ) throws {
    try backend.launch(
      kernel, in: "optimizer", backend.tuning.elementGrid(flatCount),
      cost: KernelCost(bytes: Double(28 * flatCount)), values, gradients, firstMoments,
      secondMoments, clipping, UInt64(flatCount), numbers.decay, numbers.weight1, numbers.beta2,
      numbers.weight2, numbers.stepSize, numbers.rootCorrection, numbers.epsilon)
  }
}

/// From the sums of squares of the gradient's blocks: its norm, and the factor that clips it.
private struct GradientClipping: KernelArgument {
  let squares: Tensor
  let maximumNorm: Float
  /// `[2]`, which a step writes.
  let norm: Tensor

  func add(to arguments: inout KernelArguments) { arguments.add(squares, maximumNorm, norm) }
}
