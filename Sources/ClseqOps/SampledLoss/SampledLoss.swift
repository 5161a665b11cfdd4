import ClseqRuntime

extension Tape {
  /// A loss that compares each event's target with a few negatives instead of all classes.
  ///
  /// `loss = scale · Σₙ lossₙ`, where the scores are `xₙ · e` with rows `e` of the table, and
  /// `kind` is the loss of one event's scores. A negative that is the event's own target does not
  /// count; an event whose target is not a class adds nothing. Scores up to 10⁴ and beyond do not
  /// overflow.
  ///
  /// As in `linearCrossEntropy`, in training both gradients are computed in the forward pass: this
  /// call adds the table's to `table.gradient`; that of `x` is passed to `x` in the backward pass.
  /// So the backward pass must start from the loss, with gradient one; weight several losses by
  /// `scale`. Scores of shared negatives are stored for a chunk of events at a time.
  ///
  /// - Parameters:
  ///   - x: inputs `[N, D]`, N ≥ 1.
  ///   - table: item vectors `[rows, D]`.
  ///   - targets: the row of each event's target, `[N]`.
  ///   - targetRows: the index of the targets; needed in training. Events whose target is not a
  ///     class may be in it under any row, or missing.
  ///   - negatives: the items that the targets are compared with.
  ///   - kind: the loss.
  ///   - firstClass: row of the first class.
  ///   - classCount: number of classes, V.
  ///   - scale: factor of the sum: 1/N for the mean, 1/(N of all micro-batches) when accumulating.
  /// - Returns: the loss `[1]`.
  /// - Throws: `OpenCLError.overBudget` when memory runs out; other errors of a launch.
  public func sampledLoss(
    _ x: Tensor, table: Parameter, targets: Indices, targetRows: DeviceRowIndex?,
    negatives: SampledNegatives, kind: SampledLossKind, firstClass: Int, classCount: Int,
    scale: Float
  ) throws -> Tensor {
    precondition(
      x.shape.count == 2 && table.shape.count == 2 && x.shape[1] == table.shape[1]
        && x.shape[0] == targets.count && x.shape[0] > 0,
      "sampledLoss: \(x.shape), table \(table.shape), \(targets.count) targets")
    precondition(
      firstClass >= 0 && classCount > 0 && firstClass + classCount <= table.shape[0],
      "sampledLoss: \(classCount) classes from row \(firstClass) of \(table.shape)")
    let k = negatives.countPerEvent
    precondition(
      k > 0 && negatives.rows.count == (negatives.isPerEvent ? targets.count * k : k),
      "sampledLoss: \(negatives.rows.count) rows, \(k) per event, \(targets.count) events")
    if let counts = negatives.logExpectedCounts {
      precondition(
        counts.negatives.count == negatives.rows.count && counts.targets.count == targets.count,
        "sampledLoss: expected counts \(counts.negatives.shape) and \(counts.targets.shape)")
    }
    var gradients: SampledLoss.Gradients?
    if isTraining {
      guard let targetRows, !negatives.isPerEvent || negatives.rowIndex != nil else {
        preconditionFailure(
          "sampledLoss: training needs targetRows, and the rowIndex of negatives per event")
      }
      gradients = SampledLoss.Gradients(
        input: try backend.empty(x.shape), table: table.isTrained ? table.gradient : nil,
        targetRows: targetRows)
    }
    let pass = SampledLoss(
      backend: backend, x: x, table: table.value, targets: targets, negatives: negatives,
      kind: kind, firstClass: firstClass, classCount: classCount, scale: scale,
      gradients: gradients)
    let loss = try pass.run()
    if let gradients {
      record(loss) { [x = x.identity] tape, _ in
        try tape.passGradient(gradients.input, to: x)
      }
    }
    return loss
  }
}

/// One pass over all events: the loss and, if wanted, both gradients.
struct SampledLoss {
  /// Where the gradients go.
  struct Gradients {
    /// `[N, D]`, to be written.
    let input: Tensor
    /// `[rows, D]`, to be added to, unless it is frozen.
    let table: Tensor?
    let targetRows: DeviceRowIndex
  }

  let backend: Backend
  /// `[N, D]`.
  let x: Tensor
  /// `[rows, D]`.
  let table: Tensor
  /// `[N]`, rows of the table.
  let targets: Indices
  let negatives: SampledNegatives
  let kind: SampledLossKind
  let firstClass: Int
  let classCount: Int
  let scale: Float
  let gradients: Gradients?

  var events: Int { x.shape[0] }
  var width: Int { x.shape[1] }
  /// β.
  var targetWeight: Float {
    kind.targetWeight(negativeCount: negatives.countPerEvent, classCount: classCount)
  }

  /// The loss `[1]`.
  func run() throws -> Tensor {
    if backend.isReference { return try runReference() }
    return negatives.isPerEvent ? try runOwn() : try runShared()
  }

  private func runReference() throws -> Tensor {
    let loss = try backend.empty([1])
    let counts = negatives.logExpectedCounts
    let table = try backend.floatTable(table)
    loss.floats[0] = withExtendedLifetime(table) {
      SampledLossReference(
        x: x.floats, table: table.floats, targets: targets.values,
        negatives: negatives.rows.values,
        isPerEvent: negatives.isPerEvent, logCounts: counts?.negatives.floats,
        targetLogCounts: counts?.targets.floats, kind: kind, firstClass: firstClass,
        classCount: classCount, scale: scale
      ).run(inputGradient: gradients?.input.floats, tableGradient: gradients?.table?.floats)
    }
    return loss
  }
}
