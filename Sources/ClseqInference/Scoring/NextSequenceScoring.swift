import ClseqBase
import ClseqData
import ClseqModels
import ClseqNN
import ClseqOps
import ClseqRuns

/// How well a model tells the later half of a user's events from that of another user, each behind the earlier half:
/// two cases per user. The other user is the next one of the part, the last one's is the first; both second segments
/// have as many events.
struct NextSequenceScoring: TaskScoring {
  let split: Split
  /// `[1, state width]`.
  let head: Linear
  private static let goal = RowGoal.binary(weights: nil)
  package var selection: SelectionMetric { Self.goal.selection }

  package func neighbours(of part: Split.Part) -> [Neighbour] { [] }

  package func cases(of part: Split.Part, by runner: ModelRunner) throws -> [ScoredCases] {
    guard let summary = runner.model.summaryItem else {
      preconditionFailure("NextSequenceScoring: the model has no summary")
    }
    var runner = runner
    runner.mask = nil
    let users = Self.users(of: split, part)
    let examples = users.lazy.map {
      Example(sequence: $0, inputs: history(of: $0, part).suffix(runner.maximumLength))
    }
    var found: [(user: Int32, isNext: Bool, logit: Float)] = []
    try runner.forEachBatch(of: examples, in: split.dataset, "scoring") { [runner] batch in
      let pairs = batch.stretches.map { halves(of: $0, users, part) }
      for (isNext, pairs) in [(true, pairs.map(\.next)), (false, pairs.map(\.other))] {
        let batch = RaggedBatch(pairs, of: split.dataset, summary: summary)
        let logits = try runner.outputs(of: batch) { try head($0, on: $1) }
        for (row, logit) in zip(batch.targetRows, logits) {
          found.append((batch.sequences[Int(row)], isNext, logit))
        }
      }
    }
    found.sort { ($0.user, $0.isNext ? 0 : 1) < ($1.user, $1.isNext ? 0 : 1) }
    return [
      ScoredCases(
        .user, datasetUsers: found.map(\.user),
        places: LazyValues(found.map { history(of: $0.user, part).upperBound - 1 }),
        .rows(Self.goal, outputs: found.map(\.logit), .yes(found.map(\.isNext))), of: split)
    ]
  }

  /// The users of a part whose events before the target can be cut in two.
  static func users(of split: Split, _ part: Split.Part) -> [Int32] {
    split.users(of: part).filter { split.history(of: Int($0), for: part).count > 1 }
  }

  /// The places of the events that are known before a user's target.
  private func history(of user: Int32, _ part: Split.Part) -> Range<Int> {
    split.history(of: Int(user), for: part).indices
  }

  /// The two halves of a user's events, and the earlier one before the later one of the next user.
  private func halves(
    of stretch: Example, _ users: [Int32], _ part: Split.Part
  ) -> (next: SegmentPair, other: SegmentPair) {
    let places = stretch.inputs
    let first = places.prefix(places.count / 2)
    let number = users.partitioningIndex { $0 >= stretch.sequence }
    let others = history(of: users[(number + 1) % users.count], part)
    let other = others.dropFirst(others.count / 2)
    let count = min(places.count - first.count, other.count)
    func pair(_ second: Range<Int>) -> SegmentPair {
      SegmentPair(sequence: stretch.sequence, first: first, second: second.prefix(count))
    }
    return (pair(places.dropFirst(first.count)), pair(other))
  }
}
