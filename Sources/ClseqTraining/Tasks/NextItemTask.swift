import ClseqData
import ClseqModels
import ClseqOps

/// Ranks all items by how likely each is the next.
struct NextItemTask: TrainingTask {
  let examples: Examples
  private let table: Parameter
  private let itemCount: Int
  private let loss: ItemLoss

  /// - Parameter examples: the inputs of an epoch, every event with a target.
  init(_ examples: Examples, model: any SequenceModel, loss: ItemLoss) {
    guard let table = model.outputTable else {
      preconditionFailure("NextItemTask: the model ranks no items")
    }
    self.examples = examples
    self.table = table
    self.loss = loss
    itemCount = model.itemCount
  }

  func arrays(of batch: RaggedBatch, epoch: Int, step: Int) -> [[Int32]] {
    loss.arrays(of: batch, itemCount: itemCount, rowCount: table.shape[0], epoch: epoch, step: step)
  }

  func arrayCount(of batch: RaggedBatch) -> Int { loss.arrayCount }

  func loss(
    of states: Tensor, _ batch: RaggedBatch, _ arrays: ArraySlice<Indices>,
    dividedBy divisor: [Float], at moment: TrainingMoment, on tape: Tape
  ) throws -> Tensor {
    try loss.launch(
      states, table: table, itemCount: itemCount, arrays, scale: 1 / divisor[0], on: tape)
  }

  /// The events with a target.
  func divisor(of batch: RaggedBatch) -> [Float] {
    [Float(max(1, batch.targets.count { $0 >= 1 && $0 <= itemCount }))]
  }
}
