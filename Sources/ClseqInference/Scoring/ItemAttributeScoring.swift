import ClseqData
import ClseqModels
import ClseqNN
import ClseqOps
import ClseqRuns

/// How well a model tells the attributes of each user's target: the rank of the first true one among the tokens of
/// all attributes.
struct ItemAttributeScoring: TaskScoring {
  let split: Split
  let targets: ItemAttributeTargets
  /// `[C, state width]`.
  let head: Linear
  package var selection: SelectionMetric { .ranking }

  package func neighbours(of part: Split.Part) -> [Neighbour] { [] }

  package func cases(of part: Split.Part, by runner: ModelRunner) throws -> [ScoredCases] {
    let batches = EvaluationBatches(
      split, part: part, maximumLength: runner.maximumLength, endingWith: runner.mask,
      partition: runner.batches)
    var ranks: [(user: Int32, rank: Int)] = []
    var counter = EventCounter("scoring", total: batches.eventCount, runner.progress)
    for batch in batches {
      ranks += try self.ranks(of: batch, by: runner)
      counter.add(batch.inputs)
    }
    ranks.sort { $0.user < $1.user }
    let places = ranks.map { split.targetPlace(of: Int($0.user), for: part) }
    return [
      ScoredCases(
        .event, datasetUsers: ranks.map(\.user), places: LazyValues(places),
        .ranks(ranks.map(\.rank), mark: nil), of: split)
    ]
  }

  private func ranks(
    of batch: EvaluationBatch, by runner: ModelRunner
  ) throws -> [(user: Int32, rank: Int)] {
    var plan = UploadPlan()
    let last = plan.integers(batch.lastEvents)
    let (events, arrays) = try runner.upload(batch.inputs, isTraining: false, with: plan)
    let tape = Tape(runner.backend, mode: .inference)
    let states = try runner.model.hiddenStates(of: events, only: EventRows(arrays[last]), on: tape)
    let outputs = try runner.backend.read(try head(states, on: tape))
    try runner.uploader.release()
    return batch.users.enumerated().compactMap { row, user in
      let values = outputs[row * targets.width..<(row + 1) * targets.width]
      return Self.rank(of: targets.tokens(of: batch.targets[row]), in: values).map { (user, $0) }
    }
  }

  /// The rank of the first true place, from 1; a false one with the same value counts against it. Nil where none is
  /// true.
  static func rank(of places: ArraySlice<Int32>, in values: ArraySlice<Float>) -> Int? {
    guard let best = places.map({ values[values.startIndex + Int($0)] }).max() else { return nil }
    let trues = Set(places)
    return 1
      + values.indices.count {
        !trues.contains(Int32($0 - values.startIndex)) && !(values[$0] < best)
      }
  }
}
