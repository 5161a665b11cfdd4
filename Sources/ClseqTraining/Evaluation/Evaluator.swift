public import ClseqData
public import ClseqMetrics
import ClseqModels
import ClseqNN
import ClseqOps

/// Ranks the target of every user among all items that the user has not seen.
public struct Evaluator {
  private let model: any SequenceModel
  private let backend: Backend
  private let uploader: BatchUploader
  private let split: Split
  private let maximumLength: Int
  private let batchSize: BatchSize

  init(
    _ model: any SequenceModel, on backend: Backend, uploader: BatchUploader, split: Split,
    maximumLength: Int, batchSize: BatchSize
  ) {
    self.model = model
    self.backend = backend
    self.uploader = uploader
    self.split = split
    self.maximumLength = maximumLength
    self.batchSize = batchSize
  }

  /// Metrics at 5, 10 and 20 over all users.
  public func metrics(of part: Split.Part) throws -> RankingMetrics {
    RankingMetrics(ranks: try ranks(of: part))
  }

  /// Rank of each user's target, from 1, in the order of ``Split/users(of:)``; then the misses.
  /// Items that score like the target count against it.
  public func ranks(of part: Split.Part) throws -> [Int] {
    var ranks: [(user: Int32, rank: Int)] = []
    let batches = EvaluationBatches(
      split, part: part, maximumLength: maximumLength, batchSize: batchSize)
    for batch in batches { ranks += zip(batch.users, try self.ranks(of: batch)).map { ($0, $1) } }
    return ranks.sorted { $0.user < $1.user }.map(\.rank) + split.missedRanks(of: part)
  }

  private func ranks(of batch: EvaluationBatch) throws -> [Int] {
    let inputs = batch.inputs
    let arrays = try uploader.upload([
      inputs.items, inputs.targets, inputs.offsets, inputs.times, inputs.sequences,
      batch.lastEvents, batch.targets, batch.seenOffsets, batch.seen,
    ])
    let events = EventBatch(
      events: EventIndices(items: arrays[0], times: arrays[3], sequences: arrays[4]),
      offsets: arrays[2], targets: arrays[1], maximumLength: inputs.maximumLength)
    let tape = Tape(backend, mode: .inference)
    let last = try model.hiddenStates(of: events, only: arrays[5], on: tape)
    let better = try backend.rankTargets(
      last, table: model.itemTable.value, targets: arrays[6],
      excluding: Exclusions(offsets: arrays[7], rows: arrays[8]), firstItem: 1,
      itemCount: model.itemCount)
    try uploader.release()
    return try backend.read(better).map { Int($0) + 1 }
  }
}
