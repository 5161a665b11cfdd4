import ClseqData
import ClseqInference
import ClseqNN
import ClseqModels
import ClseqOps
import ClseqRuns

/// Training for a target: how far the outputs of a head are from its truths.
struct RowTask: TrainingTask {
  let examples: Examples
  private let goal: RowGoal
  private let places: TaskExamples
  private let isMasked: Bool
  private let head: Linear
  private let classWeights: Tensor?
  /// The truths that training may know.
  private var targets: Targets { places.trainingTargets }

  /// - Parameters:
  ///   - row: the target.
  ///   - examples: of an epoch.
  ///   - isMasked: whether a state answers for the event in its place, and not for the one after it.
  ///   - head: `[C, state width]`.
  ///   - store: the store.
  /// - Throws: `OpenCLError.overBudget` when the weights of classes do not fit.
  init(
    _ row: TaskPlan.Row, examples: Examples, isMasked: Bool, head: Linear, in store: ParameterStore
  ) throws {
    (goal, places) = (row.goal, row.places)
    (self.examples, self.isMasked) = (examples, isMasked)
    self.head = head
    if case .classes(_, let weights?) = goal {
      classWeights = try store.constant(weights, [weights.count])
    } else {
      classWeights = nil
    }
  }

  /// Adds the truths.
  func prepare(
    _ batch: RaggedBatch, epoch: Int, step: Int, in plan: inout UploadPlan
  ) -> BatchLoss {
    let truths = truths(indices(of: batch), in: &plan)
    return { states, arrays, divisor, _, tape in
      let (kind, weights) = truths(arrays)
      return [
        try tape.rowLoss(
          try head(states, on: tape), kind: kind, weights: weights, scale: 1 / divisor[0])
      ]
    }
  }

  /// Where the truth of each target row stands; nil where there is none.
  private func indices(of batch: RaggedBatch) -> [Int?] {
    batch.targetRows.map { row in
      guard isMasked else { return places.index(of: Int(row), in: batch) }
      let isAsked = batch.hides(Int(row)) && !batch.isSummary(Int(row))
      return isAsked ? places.index(before: Int(row), in: batch) : nil
    }
  }

  /// Adds the truths of these places.
  ///
  /// - Returns: the loss with them, and the weights of the rows, if they differ.
  private func truths(
    _ places: [Int?], in plan: inout UploadPlan
  ) -> (UploadedArrays) -> (RowLoss, Tensor?) {
    switch targets.values {
    case .classes(let classes, _):
      let targets = plan.integers(places.map { $0.map { classes[$0] } ?? -1 })
      return { (.softmax(targets: $0[targets], classWeights: classWeights), nil) }
    case .numbers(let numbers):
      let values = places.map { $0.map { numbers[$0] } ?? .nan }
      let targets = plan.numbers(values.map(scaled))
      let weights = plan.numbers(values.map(weight))
      return { (loss(of: $0[targets, [places.count, 1]]), $0[weights]) }
    case .durations(let durations, let observed):
      guard case .durations(let bounds) = goal else {
        preconditionFailure("RowTask: durations without intervals")
      }
      // What is not known counts as censored in the first interval, which adds nothing.
      let known = places.map { $0.flatMap { durations[$0].isNaN ? nil : $0 } }
      let bins = plan.integers(
        known.map { $0.map { Int32(RowGoal.bin(of: durations[$0], bounds)) } ?? 0 })
      let seen = plan.integers(known.map { $0.map { observed[$0] } ?? false ? 1 : 0 })
      return { (.hazard(bins: $0[bins], observed: $0[seen]), nil) }
    }
  }

  private func loss(of targets: Tensor) -> RowLoss {
    guard case .numbers(_, _, let loss, let delta, _) = goal else {
      return .binary(targets: targets)
    }
    return switch loss {
    case .mse: .squared(targets: targets)
    case .mae: .absolute(targets: targets)
    case .huber: .huber(targets: targets, delta: delta)
    }
  }

  /// What a truth counts in the loss: nothing where it is not known.
  private func weight(_ number: Double) -> Float {
    if number.isNaN { return 0 }
    guard case .binary(let weights?) = goal else { return 1 }
    return weights[number == 1 ? 1 : 0]
  }

  private func scaled(_ number: Double) -> Float {
    if number.isNaN { return 0 }
    if case .numbers = goal { return goal.output(ofNumber: number) }
    return Float(number)
  }

  /// The events with a known target.
  func divisor(of batch: RaggedBatch) -> [Float] {
    [Float(indices(of: batch).count { $0.map(targets.isKnown) ?? false })]
  }
}
