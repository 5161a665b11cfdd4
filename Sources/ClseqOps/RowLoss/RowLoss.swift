import ClseqRuntime

/// A loss of rows of outputs `[S, C]`, with its targets.
///
/// `z` are the outputs of a row. Every loss of a row is a sum over its columns, not a mean.
public enum RowLoss {
  /// Softmax cross-entropy: `k (log Σ_c exp z_c − z_t)`, where `t` is the row's target, `[S]`, and
  /// `k` the weight of its class, from `[C]`, or one. A row whose target is not a column adds
  /// nothing.
  case softmax(targets: Indices, classWeights: Tensor? = nil)
  /// Binary cross-entropy of logits: `Σ_c softplus(z_c) − t_c z_c`. Targets `[S, C]` in `[0, 1]`.
  case binary(targets: Tensor)
  /// `Σ_c (z_c − t_c)²`. Targets `[S, C]`.
  case squared(targets: Tensor)
  /// `Σ_c |z_c − t_c|`, with derivative 0 at 0. Targets `[S, C]`.
  case absolute(targets: Tensor)
  /// `Σ_c u² / 2` where `u = |z_c − t_c| ≤ δ`, else `δ (u − δ / 2)` (Huber, Robust estimation of a
  /// location parameter, 1964). Targets `[S, C]`; δ > 0.
  case huber(targets: Tensor, delta: Float)
  /// Negative log-likelihood of discrete survival times whose hazards are `sigmoid(z_c)`:
  /// `Σ_{c < b} softplus(z_c) + observed softplus(−z_b)`, where `b` is the row's bin.
  ///
  /// Bins and `observed` are `[S]`. Observed (not 0): the event was in the bin. Censored (0): the
  /// row survived the bins before its own; its own does not count, as its end was not seen. A bin
  /// of C or more means that all C bins were survived; a row with a negative bin adds nothing.
  ///
  /// Source: Gensheimer and Narasimhan, "A scalable discrete-time survival model for neural
  /// networks", PeerJ 2019, equation 3; Kvamme and Borgan, "Continuous and discrete-time survival
  /// prediction with neural networks", Lifetime Data Analysis 2021, equation 8.
  case hazard(bins: Indices, observed: Indices)
}

extension Tape {
  /// The loss of the rows of a model's outputs: `scale · Σ_n weights[n] loss_n`, in a fixed order.
  ///
  /// In training the gradient is computed in the forward pass, so the backward pass must start from
  /// the loss, with gradient one; weight several losses by `scale`. The loss of finite logits is
  /// finite.
  ///
  /// - Parameters:
  ///   - outputs: `[S, C]`.
  ///   - kind: the loss, with its targets.
  ///   - weights: of the rows, `[S]`; all one when nil.
  ///   - scale: factor of the sum: 1/S for the mean over rows.
  /// - Returns: the loss `[1]`.
  /// - Throws: `OpenCLError` when memory runs out or a launch fails.
  public func rowLoss(
    _ outputs: Tensor, kind: RowLoss, weights: Tensor? = nil, scale: Float
  ) throws -> Tensor {
    kind.check(outputs, weights: weights)
    let gradient = isTraining ? try backend.empty(outputs.shape) : nil
    let loss = try backend.empty([1])
    if backend.isReference {
      loss.floats[0] = RowLossReference.run(
        outputs.floats, width: outputs.shape[1], kind.reference, weights: weights?.floats,
        scale: scale, gradient: gradient?.floats)
    } else {
      let pass = RowLossPass(
        backend: backend, outputs: outputs, weights: weights, gradient: gradient, scale: scale)
      try pass.run(kind, into: loss)
    }
    if let gradient {
      record(loss) { [outputs = outputs.identity] tape, _ in
        try tape.passGradient(gradient, to: outputs)
      }
    }
    return loss
  }
}

extension RowLoss {
  fileprivate func check(_ outputs: Tensor, weights: Tensor?) {
    precondition(
      outputs.shape.count == 2 && weights.map { $0.count == outputs.shape[0] } ?? true,
      "rowLoss: outputs \(outputs.shape), weights \(weights?.shape ?? [])")
    let (rows, width) = (outputs.shape[0], outputs.shape[1])
    switch self {
    case .softmax(let targets, let classWeights):
      precondition(
        targets.count == rows && classWeights.map { $0.count == width } ?? true,
        "rowLoss: outputs \(outputs.shape), \(targets.count) targets, class weights "
          + "\(classWeights?.shape ?? [])")
    case .binary(let targets), .squared(let targets), .absolute(let targets),
      .huber(let targets, _):
      precondition(
        targets.shape == outputs.shape,
        "rowLoss: outputs \(outputs.shape), targets \(targets.shape)")
    case .hazard(let bins, let observed):
      precondition(
        bins.count == rows && observed.count == rows,
        "rowLoss: outputs \(outputs.shape), \(bins.count) bins, \(observed.count) observed")
    }
    if case .huber(_, let delta) = self { precondition(delta > 0, "rowLoss: delta \(delta)") }
  }

  fileprivate var reference: RowLossReference.Kind<Float> {
    switch self {
    case .softmax(let targets, let classWeights):
      .softmax(targets: targets.values, classWeights: classWeights?.floats)
    case .binary(let targets): .binary(targets: targets.floats)
    case .squared(let targets): .squared(targets: targets.floats)
    case .absolute(let targets): .absolute(targets: targets.floats)
    case .huber(let targets, let delta): .huber(targets: targets.floats, delta: delta)
    case .hazard(let bins, let observed): .hazard(bins: bins.values, observed: observed.values)
    }
  }
}

/// One pass over all rows on a device.
private struct RowLossPass {
  let backend: Backend
  let outputs: Tensor
  let weights: Tensor?
  let gradient: Tensor?
  let scale: Float

  func run(_ kind: RowLoss, into loss: Tensor) throws {
    let partial: Tensor
    switch kind {
    case .softmax(let targets, let classWeights):
      partial = try softmax(targets, classWeights)
    case .binary(let targets): partial = try elements(targets, code: 0)
    case .squared(let targets): partial = try elements(targets, code: 1)
    case .absolute(let targets): partial = try elements(targets, code: 2)
    case .huber(let targets, let delta): partial = try elements(targets, code: 3, delta: delta)
    case .hazard(let bins, let observed): partial = try hazard(bins, observed)
    }
    try backend.launch(
      "row_loss_sum", in: "row_loss", after: ["row_loss_shared"],
      Grid(groups: 1, size: backend.tuning == .gpu ? 256 : 1), partial, loss, Int32(partial.count))
  }

  private var hasWeights: Int32 { weights == nil ? 0 : 1 }
  private var hasGradient: Int32 { gradient == nil ? 0 : 1 }
  private var cost: KernelCost { KernelCost(bytes: Double(12 * outputs.count)) }

  private func softmax(_ targets: Indices, _ classWeights: Tensor?) throws -> Tensor {
    let rows = outputs.shape[0]
    let grid: Grid
    switch backend.tuning {
    case .cpu: grid = Grid(groups: (rows + 63) / 64)
    case .gpu: grid = Grid(groups: ((rows + 7) / 8, 1, 1), size: (32, 8, 1))
    }
    let partial = try backend.empty([grid.groups.0])
    try backend.launch(
      "row_loss_softmax", in: "row_loss_softmax", after: ["row_loss_shared"], grid, cost: cost,
      outputs, targets,
      classWeights ?? outputs, Int32(classWeights == nil ? 0 : 1), weights ?? outputs, hasWeights,
      gradient ?? outputs, hasGradient, partial, Int32(rows), Int32(outputs.shape[1]), scale)
    return partial
  }

  /// - Parameter code: the number of the loss in `row_loss.cl`.
  private func elements(_ targets: Tensor, code: Int32, delta: Float = 1) throws -> Tensor {
    let grid = backend.tuning.elementGrid(outputs.count)
    let partial = try backend.empty([grid.groups.0])
    try backend.launch(
      "row_loss_targets", in: "row_loss", after: ["row_loss_shared"], grid, cost: cost, outputs,
      targets, weights ?? outputs,
      hasWeights, gradient ?? outputs, hasGradient, partial, Int32(outputs.count),
      Int32(outputs.shape[1]), code, scale, delta)
    return partial
  }

  private func hazard(_ bins: Indices, _ observed: Indices) throws -> Tensor {
    let grid = backend.tuning.elementGrid(outputs.count)
    let partial = try backend.empty([grid.groups.0])
    try backend.launch(
      "row_loss_hazard", in: "row_loss", after: ["row_loss_shared"], grid, cost: cost, outputs,
      bins, observed,
      weights ?? outputs, hasWeights, gradient ?? outputs, hasGradient, partial,
      Int32(outputs.count), Int32(outputs.shape[1]), scale)
    return partial
  }
}
