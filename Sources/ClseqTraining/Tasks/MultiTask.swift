import ClseqData
import ClseqModels
import ClseqOps

/// Several tasks that share one pass of the model: their losses are added, each by its weight.
struct MultiTask: TrainingTask {
  /// A task and the factor of its loss.
  struct Part {
    let task: any TrainingTask
    let weight: Float
  }

  let parts: [Part]
  let examples: Examples

  /// The arrays of one part after another.
  func arrays(of batch: RaggedBatch, epoch: Int, step: Int) -> [[Int32]] {
    parts.flatMap { $0.task.arrays(of: batch, epoch: epoch, step: step) }
  }

  func loss(
    of states: Tensor, _ batch: RaggedBatch, _ arrays: ArraySlice<Indices>,
    dividedBy divisor: [Float], at moment: TrainingMoment, on tape: Tape
  ) throws -> Tensor {
    var rest = arrays
    var total: Tensor?
    for (part, divisor) in zip(parts, divisor) {
      let count = part.task.arrayCount(of: batch)
      let loss = try part.task.loss(
        of: states, batch, rest.prefix(count), dividedBy: [divisor], at: moment, on: tape)
      rest = rest.dropFirst(count)
      total = try total.map { try tape.add($0, loss) } ?? loss
    }
    guard let total else { preconditionFailure("MultiTask: no tasks") }
    return total
  }

  /// Those of the parts, each over the part's weight.
  func divisor(of batch: RaggedBatch) -> [Float] {
    parts.map { $0.task.divisor(of: batch)[0] / $0.weight }
  }

  func arrayCount(of batch: RaggedBatch) -> Int {
    parts.reduce(0) { $0 + $1.task.arrayCount(of: batch) }
  }
}
