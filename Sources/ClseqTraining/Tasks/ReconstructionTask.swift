import ClseqData
import ClseqInference
import ClseqModels
import ClseqNN
import ClseqOps

/// Writes each sequence back from its code: cross-entropy of items, types and gaps, half the squared error of numbers
/// with deviation 1 in training, which is the likelihood of a normal distribution but for a constant, and binary
/// cross-entropy of the end; all by event. An item that training does not know counts nothing.
struct ReconstructionTask: TrainingTask {
  let examples: Examples
  private let table: Parameter
  private let itemCount: Int
  private let inputs: EncodedInputs
  private let heads: ReconstructionHeads

  /// - Parameters:
  ///   - examples: A sequence of each user.
  ///   - model: It writes items.
  ///   - inputs: What is known of events.
  ///   - heads: What is said of events beside their items.
  init(
    _ examples: Examples, model: any SequenceModel, inputs: EncodedInputs,
    heads: ReconstructionHeads
  ) {
    guard let table = model.outputTable else {
      preconditionFailure("ReconstructionTask: the model writes no items")
    }
    (self.examples, self.table, itemCount) = (examples, table, model.itemCount)
    (self.inputs, self.heads) = (inputs, heads)
  }

  func prepare(
    _ batch: RaggedBatch, epoch: Int, step: Int, in plan: inout UploadPlan
  ) -> BatchLoss {
    let items = plan.integers(batch.items)
    let others = heads.heads.map { loss(of: $0, batch, in: &plan) }
    return { states, arrays, divisor, _, tape in
      let loss = try tape.linearCrossEntropy(
        states, table: table, targets: arrays[items], firstClass: 1, classCount: itemCount,
        scale: 1 / divisor[0])
      return try [loss] + zip(others, divisor.dropFirst()).map { try $0(states, arrays, $1, tape) }
    }
  }

  /// The loss of a head, from states, arrays, divisor and tape.
  private func loss(
    of head: ReconstructionHeads.Head, _ batch: RaggedBatch, in plan: inout UploadPlan
  ) -> (Tensor, UploadedArrays, Float, Tape) throws -> Tensor {
    let layer = head.layer
    switch ReconstructionHeads.truths(of: head.part, in: batch, inputs) {
    case .classes(let classes):
      let targets = plan.integers(classes)
      return { states, arrays, divisor, tape in
        try tape.rowLoss(
          try layer(states, on: tape), kind: .softmax(targets: arrays[targets]),
          scale: 1 / divisor)
      }
    case .numbers(let numbers):
      let targets = plan.numbers(numbers.map { $0.isNaN ? 0 : $0 })
      let weights = plan.numbers(numbers.map { $0.isNaN ? 0 : 1 })
      return { states, arrays, divisor, tape in
        try tape.rowLoss(
          try layer(states, on: tape),
          kind: .squared(targets: arrays[targets, [numbers.count, 1]]), weights: arrays[weights],
          scale: 0.5 / divisor)
      }
    case .yes(let answers):
      let targets = plan.numbers(answers)
      return { states, arrays, divisor, tape in
        try tape.rowLoss(
          try layer(states, on: tape),
          kind: .binary(targets: arrays[targets, [answers.count, 1]]), scale: 1 / divisor)
      }
    }
  }

  /// All events, for each loss alike: what is not known adds nothing.
  func divisor(of batch: RaggedBatch) -> [Float] {
    [Float](repeating: Float(batch.eventCount), count: 1 + heads.heads.count)
  }
}
