import ClseqData
import ClseqNN
import ClseqOps

/// What a model that writes sequences back needs of a batch, in an upload.
struct WrittenUpload {
  private let (inputs, owners, sequences, units):
    (UploadPlan.Integers, UploadPlan.Integers, UploadPlan.Integers, UploadPlan.Integers)
  /// Needed in training.
  private let indices: (inputs: UploadPlan.Rows, owners: UploadPlan.Rows)?

  /// Adds the arrays to an upload.
  ///
  /// - Parameters:
  ///   - start: The row of the start.
  ///   - itemRows: Rows of the item table.
  ///   - isTraining: Whether gradients will be needed.
  init(
    _ batch: RaggedBatch, startingAt start: Int32, itemRows: Int, isTraining: Bool,
    in plan: inout UploadPlan
  ) {
    let (given, numbers) = (batch.itemsBefore(startingAt: start), batch.sequenceNumbers)
    (inputs, owners) = (plan.integers(given), plan.integers(numbers))
    // A plan of memory may have empty sequences, which stand at the end.
    sequences = plan.integers(
      batch.offsets.dropLast().map {
        Int($0) < batch.eventCount ? batch.sequences[Int($0)] : 0
      })
    units = plan.integers((0...Int32(batch.sequenceCount)).map { $0 })
    indices =
      isTraining
      ? (
        plan.rows(RowIndex(given, rowCount: itemRows)),
        plan.rows(RowIndex(numbers, rowCount: batch.sequenceCount))
      ) : nil
  }

  func sequences(in arrays: UploadedArrays) -> WrittenSequences {
    WrittenSequences(
      inputs: EventCodes(codes: arrays[inputs], rows: indices.map { arrays[$0.inputs] }),
      owners: EventRows(arrays[owners], index: indices.map { arrays[$0.owners] }),
      sequences: arrays[sequences], units: arrays[units])
  }
}
