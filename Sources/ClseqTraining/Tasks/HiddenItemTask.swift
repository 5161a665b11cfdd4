import ClseqData
import ClseqInference
import ClseqModels
import ClseqOps

/// Ranks all items by how likely each stands in the place of a hidden event.
struct HiddenItemTask: TrainingTask {
  let examples: Examples
  private let table: Parameter
  private let itemCount: Int
  private let loss: ItemLoss
  private let events: any HiddenEvents

  /// - Parameter examples: whole sequences.
  init(
    _ examples: Examples, model: any SequenceModel, loss: ItemLoss, hiding events: any HiddenEvents
  ) {
    guard let table = model.outputTable else {
      preconditionFailure("HiddenItemTask: the model ranks no items")
    }
    (self.examples, self.table, self.loss, self.events) = (examples, table, loss, events)
    itemCount = model.itemCount
  }

  func inputs(of batch: RaggedBatch, epoch: Int) -> RaggedBatch {
    events.hidden(batch, epoch: epoch)
  }

  func largestInputs(of batch: RaggedBatch) -> RaggedBatch { events.mostHidden(batch) }

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

  /// The hidden events of known items.
  func divisor(of batch: RaggedBatch) -> [Float] {
    [Float(batch.targets.count { $0 >= 1 && $0 <= itemCount })]
  }
}
