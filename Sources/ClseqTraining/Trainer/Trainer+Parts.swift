import ClseqData
import ClseqModels
import ClseqNN
import ClseqOps
import ClseqRuntime

extension TrainingState {
  /// Mean loss of this epoch's events so far; 0 before the first.
  var meanLoss: Double { eventCount > 0 ? lossSum / Double(eventCount) : 0 }
}

extension RaggedBatch {
  /// Starts bringing the batch to a backend, with the groupings by row that gradients of tables need.
  ///
  /// - Parameters:
  ///   - itemCount: number of items V.
  ///   - itemRowCount: rows of the item table.
  ///   - timeRowCount: rows of the position table.
  func upload(
    by uploader: BatchUploader, itemCount: Int, itemRowCount: Int, timeRowCount: Int
  ) throws -> EventBatch {
    let itemRows = RowIndex(items, rowCount: itemRowCount)
    let timeRows = RowIndex(times, rowCount: timeRowCount)
    let arrays = try uploader.upload([
      items, times, sequences, offsets, targets,
      itemRows.order, itemRows.rows, itemRows.rowOffsets,
      timeRows.order, timeRows.rows, timeRows.rowOffsets,
    ])
    return EventBatch(
      events: EventIndices(
        items: arrays[0], times: arrays[1], sequences: arrays[2],
        itemRows: DeviceRowIndex(order: arrays[5], rows: arrays[6], rowOffsets: arrays[7]),
        timeRows: DeviceRowIndex(order: arrays[8], rows: arrays[9], rowOffsets: arrays[10])),
      offsets: arrays[3], targets: arrays[4],
      targetCount: targets.count { $0 <= itemCount }, maximumLength: maximumLength)
  }
}

extension Passport {
  /// What the scores of a run depend on.
  init(_ settings: TrainingSettings, split: Split, backend: Backend) {
    let (dataset, source) = (split.dataset, split.dataset.source)
    self.init(
      dataHash: source.hash, users: dataset.userCount, items: dataset.itemCount,
      events: dataset.eventCount, split: split.name, timeTieRule: source.tieRule,
      scoreTieRule: "a tied item counts against the target", seenFiltered: true,
      ranking: split.ranking, data: source.name, model: settings.model.rawValue,
      maxLength: settings.maxLength, seed: settings.seed,
      device: backend.context?.device.name ?? "reference", clseqVersion: ClseqTraining.clseqVersion)
  }
}

extension Duration {
  /// The duration in seconds.
  var seconds: Double {
    let (seconds, attoseconds) = components
    return Double(seconds) + Double(attoseconds) * 1e-18
  }
}
