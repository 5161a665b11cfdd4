/// How many dimensions of the codes of sequences hold something, or nothing: the mean divergence of the dimension from
/// N(0, 1) over all users is at least 0.01 nat, or below it. A dimension without divergence has the same distribution
/// for all sequences.
///
/// Source: the collapse of the posterior in Bowman et al., "Generating sentences from a continuous space" (CoNLL 2016),
/// section 3, for each dimension by itself.
public struct CodeDimensions: UserFigure {
  /// Which dimensions are counted.
  public enum State: Sendable {
    /// Those that hold something.
    case active
    /// Those that hold nothing.
    case collapsed
  }

  /// From which mean divergence on a dimension holds something, in nats.
  public static let leastDivergence = 0.01

  /// The number of users.
  public let userCount: Int
  private let divergences: [Double]
  private let width: Int
  private let state: State

  /// - Parameters:
  ///   - divergences: Of each dimension of each user's code, `[users, width]`, in nats.
  ///   - width: Dimensions of a code, at least 1.
  ///   - state: Which are counted.
  public init(divergences: [Double], width: Int, _ state: State) {
    precondition(
      width > 0 && divergences.count.isMultiple(of: width),
      "CodeDimensions: \(divergences.count) divergences, codes of \(width)")
    (self.divergences, self.width, self.state) = (divergences, width, state)
    userCount = divergences.count / width
  }

  /// - Returns: Nil if no user counts.
  public func value(_ counts: [Int32]) -> Double? {
    precondition(counts.count == userCount, "\(counts.count) counts for \(userCount) users")
    let total = counts.reduce(0.0) { $0 + Double($1) }
    guard total > 0 else { return nil }
    var sums = [Double](repeating: 0, count: width)
    for (user, count) in counts.enumerated() where count > 0 {
      for column in 0..<width {
        sums[column] += Double(count) * divergences[user * width + column]
      }
    }
    let active = sums.count { $0 / total >= Self.leastDivergence }
    return Double(state == .active ? active : width - active)
  }
}
