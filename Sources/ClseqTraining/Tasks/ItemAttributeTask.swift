import ClseqData
import ClseqInference
import ClseqNN
import ClseqOps

/// Tells the attributes of the item that comes next, or stands behind a mask: binary cross-entropy of each token,
/// summed over the tokens. An item of which nothing is known counts nothing.
struct ItemAttributeTask: TrainingTask {
  let examples: Examples
  private let targets: ItemAttributeTargets
  private let head: Linear

  /// - Parameters:
  ///   - examples: Of an epoch.
  ///   - head: `[C, state width]`.
  init(_ examples: Examples, _ targets: ItemAttributeTargets, head: Linear) {
    (self.examples, self.targets, self.head) = (examples, targets, head)
  }

  func prepare(
    _ batch: RaggedBatch, epoch: Int, step: Int, in plan: inout UploadPlan
  ) -> BatchLoss {
    let items = items(of: batch)
    let rows = plan.numbers(targets.rows(of: items))
    let weights = plan.numbers(items.map { targets.tokens(of: $0).isEmpty ? 0 : 1 })
    return { states, arrays, divisor, _, tape in
      [
        try tape.rowLoss(
          try head(states, on: tape),
          kind: .binary(targets: arrays[rows, [items.count, targets.width]]),
          weights: arrays[weights], scale: 1 / divisor[0])
      ]
    }
  }

  private func items(of batch: RaggedBatch) -> [Int32] {
    batch.targetRows.map { batch.targets[Int($0)] }
  }

  /// The events whose target has attributes.
  func divisor(of batch: RaggedBatch) -> [Float] {
    [Float(items(of: batch).count { !targets.tokens(of: $0).isEmpty })]
  }
}
