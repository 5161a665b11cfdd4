import ClseqData
import ClseqNN
import ClseqOps

/// Several tasks that share one pass of the model: their losses are added, each by its weight.
struct MultiTask: TrainingTask {
  /// A task, its name in figures, and the factor of its loss.
  struct Part {
    let name: String
    let task: any TrainingTask
    let weight: Float
  }

  let parts: [Part]
  let examples: Examples

  /// The figure of the first task.
  var selection: SelectionMetric {
    parts[0].task.selection.named(of: parts[0].name)
  }

  /// The arrays of one part after another.
  func arrays(of batch: RaggedBatch, epoch: Int, step: Int) -> [[Int32]] {
    parts.flatMap { $0.task.arrays(of: batch, epoch: epoch, step: step) }
  }

  func loss(
    of states: Tensor, _ batch: RaggedBatch, _ arrays: ArraySlice<Indices>,
    dividedBy divisor: [Float],
    on tape: Tape
  ) throws -> Tensor {
    var rest = arrays
    var total: Tensor?
    for (part, divisor) in zip(parts, divisor) {
      let count = part.task.arrayCount(of: batch)
      let loss = try part.task.loss(
        of: states, batch, rest.prefix(count), dividedBy: [divisor], on: tape)
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

  /// Those of the parts, each behind the part's name.
  func leftOut(of part: Split.Part?) -> [String: Int] {
    var counts: [String: Int] = [:]
    for each in parts {
      for (reason, count) in each.task.leftOut(of: part) {
        counts["\(each.name): \(reason)"] = count
      }
    }
    return counts
  }

  /// Those that all parts with outputs have.
  func neighbours(of part: Split.Part) -> [Neighbour] {
    let found = parts.map { each in
      each.task.neighbours(of: part).map { neighbour in
        Neighbour(
          title: neighbour.title, cases: neighbour.cases.map { $0.named(of: each.name) })
      }
    }.filter { !$0.isEmpty }
    return (found.first ?? []).compactMap { first in
      let same = found.compactMap { $0.first { $0.title == first.title } }
      guard same.count == found.count else { return nil }
      return Neighbour(title: first.title, cases: same.flatMap(\.cases))
    }
  }

  /// The cases of all parts, each behind the part's name.
  func cases(of part: Split.Part, by runner: ModelRunner) throws -> [ScoredCases] {
    try parts.flatMap { each in
      try each.task.cases(of: part, by: runner).map { $0.named(of: each.name) }
    }
  }
}
