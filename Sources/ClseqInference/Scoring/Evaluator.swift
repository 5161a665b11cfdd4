public import ClseqData
public import ClseqMetrics
import ClseqModels
import ClseqOps

/// Ranks the target of every user among its candidates; see `ClseqData/Split/exclusions(of:for:)`.
public struct Evaluator {
  private let runner: ModelRunner
  private let split: Split

  package init(_ runner: ModelRunner, split: Split) {
    self.runner = runner
    self.split = split
  }

  /// Metrics at 5, 10 and 20 over all users.
  public func metrics(of part: Split.Part) throws -> RankingMetrics {
    RankingMetrics(ranks: try ranks(of: part))
  }

  /// Rank of each user's target, from 1, in the order of `Split/users(of:)`; then the misses.
  /// Items that score like the target count against it; one that is no candidate has `Int.max`.
  public func ranks(of part: Split.Part) throws -> [Int] {
    let batches = EvaluationBatches(
      split, part: part, maximumLength: runner.maximumLength, endingWith: runner.mask,
      partition: runner.batches)
    var ranks: [Int] = []
    ranks.reserveCapacity(batches.userCount + split.coldTargetCount(of: part))
    var counter = EventCounter("scoring", total: batches.eventCount, runner.progress)
    for batch in batches {
      // Batches follow one another by user; inside a batch the longest comes first.
      var found = try self.ranks(of: batch)
      if split.isSampled {
        for (row, user) in batch.users.enumerated()
        where split.isMissed(of: Int(user), for: part) { found[row] = .max }
      }
      ranks += found.indices.sorted { batch.users[$0] < batch.users[$1] }.lazy.map { found[$0] }
      counter.add(batch.inputs)
    }
    ranks += split.missedRanks(of: part)
    return ranks
  }

  private func ranks(of batch: EvaluationBatch) throws -> [Int] {
    guard let table = runner.model.outputTable else {
      preconditionFailure("Evaluator: the model ranks no items")
    }
    let (listOffsets, listItems) =
      batch.candidates.map { ($0.offsets, $0.items) } ?? (batch.seenOffsets, batch.seen)
    var plan = UploadPlan()
    let (lastEvents, targets) = (plan.integers(batch.lastEvents), plan.integers(batch.targets))
    let (offsets, items) = (plan.integers(listOffsets), plan.integers(listItems))
    let (events, arrays) = try runner.upload(batch.inputs, isTraining: false, with: plan)
    let tape = Tape(runner.backend, mode: .inference)
    let last = try runner.model.hiddenStates(
      of: events, only: EventRows(arrays[lastEvents]), on: tape)
    let list = UserRows(offsets: arrays[offsets], rows: arrays[items])
    let better =
      batch.candidates == nil
      ? try runner.backend.rankTargets(
        last, table: table.value, targets: arrays[targets], excluding: list, firstItem: 1,
        itemCount: runner.model.itemCount)
      : try runner.backend.rankTargets(
        last, table: table.value, targets: arrays[targets], among: list, firstItem: 1,
        itemCount: runner.model.itemCount)
    try runner.uploader.release()
    let itemCount = runner.model.itemCount
    return try runner.backend.read(better).map { $0 < itemCount ? Int($0) + 1 : .max }
  }
}
