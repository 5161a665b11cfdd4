import ClseqData
import ClseqModels
import ClseqRuns

/// How well a model tells users apart: the later half of each user's events is looked for by the earlier half
/// among those of up to a hundred users, who follow each other in the dataset.
struct ContrastScoring: TaskScoring {
  /// Users whose later halves are compared.
  static let groupSize = 100

  let split: Split
  let head: ContrastHead
  package var selection: SelectionMetric { .ranking }

  package func neighbours(of part: Split.Part) -> [Neighbour] { [] }

  package func cases(of part: Split.Part, by runner: ModelRunner) throws -> [ScoredCases] {
    var runner = runner
    // The states of events are compared, not those of masks.
    runner.mask = nil
    let users = split.users(of: part).filter { split.history(of: Int($0), for: part).count > 1 }
    let examples = users.lazy.flatMap { halves(of: $0, part, runner.maximumLength) }
    var pending: [(user: Int32, place: Int, vector: [Float])] = []
    var ranks: [Int] = []
    func rankGroup(_ count: Int) {
      ranks += Self.ranks(pending.prefix(2 * count).map(\.vector))
      pending.removeFirst(2 * count)
    }
    try runner.forEachBatch(of: examples, in: split.dataset, "scoring") { [runner] batch in
      pending += try vectors(of: batch, runner)
      while pending.count >= 2 * Self.groupSize { rankGroup(Self.groupSize) }
    }
    // A plan of memory sees the largest batch alone.
    if runner.runsLargestOnly { pending = [] }
    if !pending.isEmpty { rankGroup(pending.count / 2) }
    let places = runner.runsLargestOnly ? [] : users.map { lastPlace(of: $0, part) }
    return [
      ScoredCases(
        .user, datasetUsers: runner.runsLargestOnly ? [] : users, places: LazyValues(places),
        .ranks(ranks, mark: nil), of: split)
    ]
  }

  /// The earlier and the later half of the events that are known before a user's target, those next to the
  /// middle.
  private func halves(of user: Int32, _ part: Split.Part, _ maximumLength: Int) -> [Example] {
    let places = split.history(of: Int(user), for: part).indices
    let middle = places.lowerBound + places.count / 2
    return [places.lowerBound..<middle, middle..<places.upperBound].map { half in
      let isEarlier = half.upperBound == middle
      let inputs = isEarlier ? half.suffix(maximumLength) : half.prefix(maximumLength)
      return Example(sequence: user, inputs: inputs, targets: inputs.suffix(1))
    }
  }

  private func lastPlace(of user: Int32, _ part: Split.Part) -> Int {
    split.history(of: Int(user), for: part).indices.upperBound - 1
  }

  /// The vectors of the sequences of a batch in the order of the dataset.
  private func vectors(
    of batch: RaggedBatch, _ runner: ModelRunner
  ) throws -> [(user: Int32, place: Int, vector: [Float])] {
    let values = try runner.outputs(of: batch) { try head($0, on: $1) }
    let width = runner.model.stateWidth
    return batch.targetRows.enumerated().map { number, row in
      (
        batch.sequences[Int(row)], batch.places[Int(row)],
        Array(values[number * width..<(number + 1) * width])
      )
    }.sorted { $0.place < $1.place }
  }

  /// The rank of each second vector among all second ones by its product with the first, from 1; one that is
  /// as similar counts against it.
  ///
  /// - Parameter vectors: First and second of each user.
  static func ranks(_ vectors: [[Float]]) -> [Int] {
    let count = vectors.count / 2
    return (0..<count).map { user in
      let products = (0..<count).map { other in
        zip(vectors[2 * user], vectors[2 * other + 1]).reduce(0) { $0 + $1.0 * $1.1 }
      }
      return 1 + products.indices.count { $0 != user && !(products[$0] < products[user]) }
    }
  }
}
