import ClseqData
import ClseqInference
import ClseqModels
import ClseqOps

/// Ranks all items by how likely each is the next or, of a model that fills masks, stands behind a mask.
struct ItemTask: TrainingTask {
  let examples: Examples
  private let table: Parameter
  private let itemCount: Int
  private let loss: ItemLoss

  /// - Parameter examples: the sequences of an epoch.
  init(_ examples: Examples, model: any SequenceModel, loss: ItemLoss) {
    guard let table = model.outputTable else {
      preconditionFailure("ItemTask: the model ranks no items")
    }
    self.examples = examples
    self.table = table
    self.loss = loss
    itemCount = model.itemCount
  }

  func prepare(
    _ batch: RaggedBatch, epoch: Int, step: Int, in plan: inout UploadPlan
  ) -> BatchLoss {
    let rows = batch.targetRows.count < batch.eventCount ? batch.targetRows : nil
    let loss = loss.prepare(
      batch, rows: rows, table: table, itemCount: itemCount, epoch: epoch, step: step, in: &plan)
    return { states, arrays, divisor, _, tape in
      [try loss(states, arrays, 1 / divisor[0], tape)]
    }
  }

  /// The events with a target of a known item.
  func divisor(of batch: RaggedBatch) -> [Float] {
    [Float(batch.targets.count { $0 >= 1 && $0 <= itemCount })]
  }
}
