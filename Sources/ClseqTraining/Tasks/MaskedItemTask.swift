import ClseqData
import ClseqInference
import ClseqModels
import ClseqOps

/// Ranks all items by how likely each stands in a masked place.
struct MaskedItemTask: TrainingTask {
  let examples: Examples
  private let table: Parameter
  private let itemCount: Int
  private let loss: ItemLoss
  private let masking: EventMasking

  /// - Parameter examples: whole sequences.
  init(_ examples: Examples, model: any SequenceModel, loss: ItemLoss, masking: EventMasking) {
    guard let table = model.outputTable else {
      preconditionFailure("MaskedItemTask: the model ranks no items")
    }
    (self.examples, self.table, self.loss, self.masking) = (examples, table, loss, masking)
    itemCount = model.itemCount
  }

  func inputs(of batch: RaggedBatch, epoch: Int) -> RaggedBatch {
    masking.masked(batch, epoch: epoch)
  }

  func largestInputs(of batch: RaggedBatch) -> RaggedBatch { masking.mostMasked(batch) }

  func prepare(
    _ batch: RaggedBatch, epoch: Int, step: Int, in plan: inout UploadPlan
  ) -> BatchLoss {
    let loss = loss.prepare(
      batch, rows: batch.targetRows, table: table, itemCount: itemCount, epoch: epoch, step: step,
      in: &plan)
    return { states, arrays, divisor, _, tape in
      [try loss(states, arrays, 1 / divisor[0], tape)]
    }
  }

  /// The masked events of known items.
  func divisor(of batch: RaggedBatch) -> [Float] {
    [Float(batch.targets.count { $0 >= 1 && $0 <= itemCount })]
  }
}
