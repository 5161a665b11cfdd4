/// The share of pairs of durations whose order is predicted: of two subjects, the one that ended
/// first was predicted to end first. Censored durations are longer than their observed part, and
/// form pairs only with durations that ended before.
///
/// Source: Harrell, Lee, Mark, "Multivariable prognostic models" (Statistics in Medicine 1996),
/// section 5.5. Equal predictions count one half. Time O(n log n).
public struct ConcordanceIndex: Metric, UserFigure {
  /// `concordance`.
  public static let name = "concordance"

  /// The number of users.
  public let userCount: Int
  /// The user of each subject, the longest duration first.
  private let users: [Int32]
  /// The rank of each subject's prediction among the distinct predictions.
  private let levels: [Int32]
  /// Whether the end of each subject was observed.
  private let observed: [Bool]
  /// Whether each subject has a shorter duration than the one before.
  private let isShorter: [Bool]
  private let levelCount: Int
  private let hasNaN: Bool

  /// - Parameters:
  ///   - durations: How long each subject was observed.
  ///   - observed: Whether the subject ended then; else it is censored.
  ///   - predictions: The predicted durations, or any increasing function of them.
  ///   - users: The user of each subject; when nil, all subjects are of one user.
  ///   - userCount: The number of users.
  public init(
    durations: [Double], observed: [Bool], predictions: [Double], users: [Int32]? = nil,
    userCount: Int = 1
  ) {
    Self.requireEqualCounts([
      "durations": durations.count, "observed": observed.count, "predictions": predictions.count,
    ])
    hasNaN = predictions.contains { $0.isNaN }
    var order = Array(Int32(0)..<Int32(predictions.count))
    if !hasNaN { order.sort { predictions[Int($0)] < predictions[Int($1)] } }
    var levelOf = [Int32](repeating: 0, count: predictions.count)
    var level: Int32 = -1
    for (place, subject) in order.enumerated() {
      let subject = Int(subject)
      if place == 0 || predictions[subject] > predictions[Int(order[place - 1])] { level += 1 }
      levelOf[subject] = max(0, level)
    }
    levelCount = max(1, Int(level) + 1)
    // A subject censored at a time lived longer than one that ended at that time.
    order.sort { left, right in
      let (left, right) = (Int(left), Int(right))
      return durations[left] == durations[right]
        ? !observed[left] && observed[right] : durations[left] > durations[right]
    }
    self.userCount = userCount
    self.users =
      users.map { users in order.map { users[Int($0)] } }
      ?? [Int32](repeating: 0, count: order.count)
    levels = order.map { levelOf[Int($0)] }
    self.observed = order.map { observed[Int($0)] }
    isShorter = order.indices.map {
      $0 == 0 || durations[Int(order[$0])] < durations[Int(order[$0 - 1])]
    }
  }

  /// - Returns: Nil if no two durations can be compared.
  public func value(_ counts: [Int32]) -> Double? {
    guard !hasNaN else { return .nan }
    var seen = CountsBelow(count: levelCount)
    var (doubledWins, pairs) = (0.0, 0.0)
    var start = 0
    while start < levels.count {
      var end = start + 1
      while end < levels.count, !isShorter[end] { end += 1 }
      for place in start..<end where !observed[place] {
        seen.add(Int(levels[place]), Int(counts[Int(users[place])]))
      }
      for place in start..<end where observed[place] {
        let count = Double(counts[Int(users[place])])
        guard count > 0 else { continue }
        let level = Int(levels[place])
        let (below, equal) = (seen.count(below: level), seen.count(at: level))
        doubledWins += count * Double(2 * (seen.total - below - equal) + equal)
        pairs += count * Double(seen.total)
      }
      for place in start..<end where observed[place] {
        seen.add(Int(levels[place]), Int(counts[Int(users[place])]))
      }
      start = end
    }
    return pairs == 0 ? nil : doubledWins / (2 * pairs)
  }
}

/// Counts per level, and the number below a level, in O(log n) each (Fenwick, "A new data structure
/// for cumulative frequency tables", 1994).
private struct CountsBelow {
  private var sums: [Int]
  private var counts: [Int]
  private(set) var total = 0

  init(count: Int) {
    sums = Array(repeating: 0, count: count + 1)
    counts = Array(repeating: 0, count: count)
  }

  mutating func add(_ level: Int, _ number: Int) {
    guard number > 0 else { return }
    counts[level] += number
    total += number
    var index = level + 1
    while index < sums.count {
      sums[index] += number
      index += index & -index
    }
  }

  func count(at level: Int) -> Int { counts[level] }

  func count(below level: Int) -> Int {
    var (index, sum) = (level, 0)
    while index > 0 {
      sum += sums[index]
      index -= index & -index
    }
    return sum
  }
}
