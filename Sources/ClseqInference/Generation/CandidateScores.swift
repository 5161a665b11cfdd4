#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The scores of the items that may come next after one history, and choices from them. Rows that may not be
/// chosen have the score −∞ or NaN.
///
/// The probability of a row is the softmax of the scores over the rows that may be chosen.
package struct CandidateScores {
  /// A row with its score.
  private struct Row: Equatable {
    let row: Int
    let score: Float

    /// Whether it stands before another one: by score, then by row.
    func precedes(_ other: Row) -> Bool {
      score > other.score || (score == other.score && row < other.row)
    }
  }

  /// A row that was chosen.
  package struct Choice: Equatable {
    package let row: Int
    package let probability: Double
  }

  /// How many rows are put in order before it is known whether all must be.
  private static let fewRows = 256

  private let scores: UnsafeMutableBufferPointer<Float>
  /// The largest score; −∞ where no row may be chosen.
  private let largest: Float

  /// - Parameters:
  ///   - scores: `[V]`, whose rows `excluded` are overwritten.
  ///   - excluded: Rows that may not be chosen.
  package init(_ scores: UnsafeMutableBufferPointer<Float>, excluding excluded: some Sequence<Int>)
  {
    for row in excluded { scores[row] = -.infinity }
    self.scores = scores
    largest = ScoreVectors.largest(of: scores)
  }

  /// Whether no row may be chosen.
  private var isEmpty: Bool { largest == -.infinity }

  /// The weight of a score, 1 for the largest: probabilities are in proportion to weights.
  private func weight(_ score: Float, _ temperature: Double = 1) -> Double {
    score.isNaN ? 0 : exp((Double(score) - Double(largest)) / temperature)
  }

  private func weightSum(_ temperature: Double = 1) -> Double {
    ScoreVectors.weightSum(
      of: scores, largest: largest,
      factor: min(Float(1 / temperature), .greatestFiniteMagnitude))
  }

  /// The likeliest rows in order, at most so many, with their probabilities.
  package func best(_ count: Int) -> [Choice] {
    let rows = likeliest(count)
    guard !rows.isEmpty else { return [] }
    let sum = weightSum()
    return rows.map { Choice(row: $0.row, probability: weight($0.score) / sum) }
  }

  /// The row that a number of [0, 1) chooses, with its probability after the rule; nil where none may be chosen.
  package func draw(_ rule: SamplingRule, _ number: Double) -> Choice? {
    if isEmpty { return nil }
    guard rule.topCount != nil || rule.topShare < 1 else {
      return choice(
        scores.indices.lazy.map { Row(row: $0, score: scores[$0]) }, rule,
        sum: weightSum(rule.temperature), number)
    }
    var (kept, sum) = ([Row](), 0.0)
    if let count = rule.topCount {
      kept = likeliest(count)
      for row in kept { sum += weight(row.score, rule.temperature) }
    } else {
      (kept, sum) = (likeliest(Self.fewRows), weightSum(rule.temperature))
    }
    guard rule.topShare < 1 else { return choice(kept, rule, sum: sum, number) }
    let least = rule.topShare * sum
    var part = prefix(of: kept, reaching: least, rule)
    if part.sum < least, rule.topCount == nil {
      kept = likeliest(scores.count)
      part = prefix(of: kept, reaching: least, rule)
    }
    return choice(kept.prefix(part.count), rule, sum: part.sum, number)
  }

  /// The first rows whose weights have a sum, and the sum of theirs; all where it is not reached.
  private func prefix(
    of rows: [Row], reaching least: Double, _ rule: SamplingRule
  ) -> (count: Int, sum: Double) {
    var sum = 0.0
    for (place, row) in rows.enumerated() {
      sum += weight(row.score, rule.temperature)
      if sum >= least { return (place + 1, sum) }
    }
    return (rows.count, sum)
  }

  /// The row in whose part of the sum of weights the number falls.
  private func choice(
    _ rows: some Sequence<Row>, _ rule: SamplingRule, sum: Double, _ number: Double
  ) -> Choice? {
    var (reached, last) = (0.0, nil as Choice?)
    for row in rows {
      let weight = weight(row.score, rule.temperature)
      guard weight > 0 else { continue }
      reached += weight
      last = Choice(row: row.row, probability: weight / sum)
      if reached > number * sum { break }
    }
    return last
  }

  /// The rows with the largest scores, in order, at most so many of those that may be chosen.
  private func likeliest(_ count: Int) -> [Row] {
    if count >= scores.count {
      return scores.indices.lazy.map { Row(row: $0, score: scores[$0]) }
        .filter { $0.score > -.infinity }.sorted { $0.precedes($1) }
    }
    // Rows come in ascending order, so that one of an equal score stands behind those that are there.
    var best: [Row] = []
    best.reserveCapacity(count + 1)
    var least = -Float.infinity
    for row in scores.indices {
      let score = scores[row]
      guard score > least else { continue }
      let place = best.lastIndex { $0.score >= score }.map { $0 + 1 } ?? 0
      best.insert(Row(row: row, score: score), at: place)
      if best.count > count { best.removeLast() }
      if best.count == count { least = best[count - 1].score }
    }
    return best
  }
}
