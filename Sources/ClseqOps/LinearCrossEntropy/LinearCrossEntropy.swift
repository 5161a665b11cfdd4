import ClseqRuntime

extension Tape {
  /// Softmax cross-entropy of a linear classifier whose weights are rows of a table.
  ///
  /// `loss = scale · Σₙ [log Σᵥ exp(xₙ · eᵥ) − xₙ · e_target(n)]`, where the classes `eᵥ` are rows
  /// `firstClass ..< firstClass + classCount` of the table. Scores of all events are never stored:
  /// events are computed in chunks. In training both gradients are computed in the forward pass, as
  /// in Liger-Kernel (Hsu et al. 2024): this call adds the table's to `table.gradient`; that of `x`
  /// is passed to `x` in the backward pass. So the backward pass must start from the loss, with
  /// gradient one; weight several losses by `scale`.
  ///
  /// An event whose target is not among the classes adds nothing to the loss and the gradients.
  ///
  /// - Parameters:
  ///   - x: inputs `[N, D]`, N ≥ 1.
  ///   - table: class weights `[rows, D]`.
  ///   - targets: the row of each event's class, `[N]`.
  ///   - firstClass: row of the first class.
  ///   - classCount: number of classes.
  ///   - scale: factor of the sum: 1/N for the mean, 1/(N of all micro-batches) when accumulating.
  /// - Returns: the loss `[1]`.
  /// - Throws: `OpenCLError.overBudget` when memory runs out; other errors of a launch.
  public func linearCrossEntropy(
    _ x: Tensor, table: Parameter, targets: Indices, firstClass: Int, classCount: Int, scale: Float
  ) throws -> Tensor {
    Self.checkClasses(x, table, targets, firstClass, classCount)
    let dx = isTraining ? try backend.empty(x.shape) : nil
    let pass = LinearCrossEntropy(
      backend: backend, x: x, table: table.value, targets: targets, firstClass: firstClass,
      classCount: classCount, scale: scale,
      gradients: dx.map { ($0, table.isTrained ? table.gradient : nil) })
    let loss = try pass.run()
    if let dx {
      record(loss) { [x = x.identity] tape, _ in try tape.passGradient(dx, to: x) }
    }
    return loss
  }

  /// The terms of the loss of ``linearCrossEntropy(_:table:targets:firstClass:classCount:scale:)``, one for each event,
  /// without gradients: minus the logarithm of the probability of the event's class, in nats.
  ///
  /// - Parameters:
  ///   - x: inputs `[N, D]`, N ≥ 1.
  ///   - table: class weights `[rows, D]`.
  ///   - targets: the row of each event's class, `[N]`; an event whose target is not a class has 0.
  ///   - firstClass: row of the first class.
  ///   - classCount: number of classes.
  /// - Returns: `[N]`.
  /// - Throws: `OpenCLError.overBudget` when memory runs out; other errors of a launch.
  public func eventCrossEntropy(
    _ x: Tensor, table: Parameter, targets: Indices, firstClass: Int, classCount: Int
  ) throws -> Tensor {
    Self.checkClasses(x, table, targets, firstClass, classCount)
    return try LinearCrossEntropy(
      backend: backend, x: x, table: table.value, targets: targets, firstClass: firstClass,
      classCount: classCount, scale: 1, gradients: nil, result: .events
    ).run()
  }

  private static func checkClasses(
    _ x: Tensor, _ table: Parameter, _ targets: Indices, _ firstClass: Int, _ classCount: Int
  ) {
    precondition(
      x.shape.count == 2 && table.shape.count == 2 && x.shape[1] == table.shape[1]
        && x.shape[0] == targets.count && x.shape[0] > 0,
      "linearCrossEntropy: \(x.shape), table \(table.shape), \(targets.count) targets")
    precondition(
      firstClass >= 0 && classCount > 0 && firstClass + classCount <= table.shape[0],
      "linearCrossEntropy: \(classCount) classes from row \(firstClass) of \(table.shape)")
  }
}

/// One pass over all events: the loss and, if wanted, both gradients.
struct LinearCrossEntropy {
  /// What a pass gives.
  enum Result {
    /// `scale` times the sum of the events' losses, `[1]`.
    case sum
    /// The loss of each event, `[N]`.
    case events
  }

  let backend: Backend
  /// `[N, D]`.
  let x: Tensor
  /// `[rows, D]`.
  let table: Tensor
  /// `[N]`, rows of the table.
  let targets: Indices
  let firstClass: Int
  let classCount: Int
  let scale: Float
  /// `dx [N, D]`, to be written, and the table's gradient, to be added to, unless it is frozen.
  let gradients: (input: Tensor, table: Tensor?)?
  var result = Result.sum

  var events: Int { x.shape[0] }
  var width: Int { x.shape[1] }

  /// Operations of one of the pass's matrix products over `count` events.
  func cost(_ count: Int) -> KernelCost {
    KernelCost(flops: 2 * Double(count) * Double(width) * Double(classCount))
  }

  /// The loss, as ``result`` says.
  func run() throws -> Tensor {
    guard let context = backend.context else { return try runReference() }
    return switch backend.tuning {
    case .cpu(let vectorWidth):
      try runOnCPU(vectorWidth: vectorWidth, computeUnits: context.device.computeUnits)
    case .gpu: try runOnGPU()
    }
  }

  /// The result of losses on a device, `[N]`.
  func reduced(_ losses: Tensor) throws -> Tensor {
    switch result {
    case .sum: try backend.sumLosses(losses, scale: scale)
    case .events: losses
    }
  }

  private func runReference() throws -> Tensor {
    let loss = try backend.empty([1])
    let losses = result == .events ? try backend.empty([events]) : nil
    let table = try backend.floatTable(table)
    loss.floats[0] = withExtendedLifetime(table) {
      LinearCrossEntropyReference.run(
        x: x.floats, table: table.floats, targets: targets.values, firstClass: firstClass,
        classCount: classCount, scale: scale, inputGradient: gradients?.input.floats,
        tableGradient: gradients?.table?.floats, eventLosses: losses?.floats)
    }
    return losses ?? loss
  }
}
