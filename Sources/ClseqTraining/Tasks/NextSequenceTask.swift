import ClseqData
import ClseqInference
import ClseqNN
import ClseqOps

/// Tells from the state of a summary whether the second segment of a sequence is what followed the first: binary
/// cross-entropy.
struct NextSequenceTask: TrainingTask {
  let examples: Examples
  private let head: Linear

  /// - Parameters:
  ///   - examples: Whole sequences.
  ///   - head: `[1, state width]`.
  init(_ examples: Examples, head: Linear) { (self.examples, self.head) = (examples, head) }

  func prepare(
    _ batch: RaggedBatch, epoch: Int, step: Int, in plan: inout UploadPlan
  ) -> BatchLoss {
    let truths = Dictionary(
      uniqueKeysWithValues: batch.segmentPairs.map { ($0.summary, $0.isNext ? Float(1) : 0) })
    let rows = batch.targetRows.map { truths[$0] }
    let targets = plan.numbers(rows.map { $0 ?? 0 })
    let weights = plan.numbers(rows.map { $0 == nil ? 0 : 1 })
    return { states, arrays, divisor, _, tape in
      [
        try tape.rowLoss(
          try head(states, on: tape), kind: .binary(targets: arrays[targets, [rows.count, 1]]),
          weights: arrays[weights], scale: 1 / divisor[0])
      ]
    }
  }

  /// The sequences of two segments.
  func divisor(of batch: RaggedBatch) -> [Float] { [Float(batch.segmentPairs.count)] }
}
