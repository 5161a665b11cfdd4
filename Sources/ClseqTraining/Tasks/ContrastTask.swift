import ClseqData
import ClseqInference
import ClseqOps

/// Sets the two slices of each user apart from those of the other users of a batch: softmax cross-entropy of
/// the own second slice among all second ones, by similarity to the first, and the other way round.
///
/// Source: Babaev et al., "CoLES" (SIGMOD 2022), with the softmax loss of Oord et al. (2018), equation 4. What a
/// user is compared with depends on the batch, by the nature of the loss.
struct ContrastTask: TrainingTask {
  let examples: Examples
  private let head: ContrastHead

  /// - Parameters:
  ///   - examples: whole sequences.
  ///   - head: of the states.
  init(_ examples: Examples, head: ContrastHead) { (self.examples, self.head) = (examples, head) }

  func prepare(
    _ batch: RaggedBatch, epoch: Int, step: Int, in plan: inout UploadPlan
  ) -> BatchLoss {
    let pairs = batch.slicePairs
    let rowOf = Dictionary(
      uniqueKeysWithValues: batch.targetRows.enumerated().map { ($1, Int32($0)) })
    func row(_ event: Int32) -> Int32 {
      guard let row = rowOf[event] else {
        preconditionFailure("ContrastTask: no state of the last event \(event)")
      }
      return row
    }
    let count = pairs.count
    let (all, allIndex) = rows(
      pairs.map { row($0.first) } + pairs.map { row($0.second) }, of: batch.targetRows.count,
      in: &plan)
    let (first, firstIndex) = rows((0..<count).map(Int32.init), of: 2 * count, in: &plan)
    let (second, secondIndex) = rows(
      (count..<2 * count).map(Int32.init), of: 2 * count, in: &plan)
    let own = plan.integers((0..<count).map(Int32.init))
    return { states, arrays, divisor, _, tape in
      guard count > 0 else { return [try tape.backend.zeros([1])] }
      let vectors = try head(
        try tape.gather(states, rows: arrays[all], index: arrays[allIndex]), on: tape)
      let a = try tape.gather(vectors, rows: arrays[first], index: arrays[firstIndex])
      let b = try tape.gather(vectors, rows: arrays[second], index: arrays[secondIndex])
      let losses = try [(a, b), (b, a)].map { x, y in
        try tape.rowLoss(
          try tape.matmul(x, y, transposeB: true), kind: .softmax(targets: arrays[own]),
          scale: 1 / divisor[0])
      }
      return [try tape.add(losses[0], losses[1])]
    }
  }

  private func rows(
    _ rows: [Int32], of count: Int, in plan: inout UploadPlan
  ) -> (UploadPlan.Integers, UploadPlan.Rows) {
    (plan.integers(rows), plan.rows(RowIndex(rows, rowCount: count)))
  }

  /// The slices that are compared.
  func divisor(of batch: RaggedBatch) -> [Float] { [Float(2 * batch.slicePairs.count)] }
}
