/// A figure of cases that belong to users, such as their clicks. ``Bootstrap`` computes it with
/// some users counted several times and others not at all.
///
/// Everything that does not depend on the counts (sums per user, the order of scores) is computed
/// once, so that a resample costs one pass.
public protocol UserFigure: Sendable {
  /// The number of users, which are numbered from 0.
  var userCount: Int { get }
  /// The figure; nil if it is not defined, not a number if a prediction is not.
  ///
  /// - Parameter counts: How often each user counts, `userCount` numbers of at least 0.
  func value(_ counts: [Int32]) -> Double?
  /// The values of a resample whose percentiles are the lower and the upper bound of an interval:
  /// both are ``value(_:)``, except for a figure with a bias; nil if it is not defined.
  ///
  /// - Parameter counts: How often each user counts, `userCount` numbers of at least 0.
  func bounds(_ counts: [Int32]) -> (lower: Double, upper: Double)?
}

extension UserFigure {
  /// The figure with every user counted once.
  public var value: Double? { value([Int32](repeating: 1, count: userCount)) }

  /// The value of the resample, for both bounds.
  public func bounds(_ counts: [Int32]) -> (lower: Double, upper: Double)? {
    value(counts).map { ($0, $0) }
  }
}

/// A mean over cases, or its root, from sums per user.
public struct MeanFigure: UserFigure {
  /// The function of the mean that is the figure.
  public enum Finish: Sendable {
    /// The mean itself.
    case mean
    /// The square root, as of squared errors.
    case root
  }

  /// The sum of each user's cases.
  private let sums: [Double]
  /// The weight of each user's cases, as a rule their number; nil for one per user.
  private let weights: [Double]?
  private let finish: Finish

  /// The mean of one value per user.
  public init(ofUsers values: [Double]) {
    sums = values
    weights = nil
    finish = .mean
  }

  /// The mean over all cases of a value of each.
  ///
  /// - Parameters:
  ///   - users: The user of each case, from 0 to below `userCount`.
  ///   - userCount: The number of users.
  ///   - finish: The function of the mean.
  ///   - value: The value of a case, from 0.
  public init(
    users: [Int32], userCount: Int, _ finish: Finish = .mean, of value: (_ index: Int) -> Double
  ) {
    var sums = [Double](repeating: 0, count: userCount)
    var weights = [Double](repeating: 0, count: userCount)
    for (index, user) in users.enumerated() {
      sums[Int(user)] += value(index)
      weights[Int(user)] += 1
    }
    self.sums = sums
    self.weights = weights
    self.finish = finish
  }

  /// A quotient of sums over users.
  ///
  /// - Parameters:
  ///   - sums: One per user.
  ///   - weights: One per user.
  package init(sums: [Double], weights: [Double]) {
    self.sums = sums
    self.weights = weights
    finish = .mean
  }

  /// The number of users.
  public var userCount: Int { sums.count }

  /// - Returns: Nil if no case counts.
  public func value(_ counts: [Int32]) -> Double? {
    precondition(counts.count == sums.count, "\(counts.count) counts for \(sums.count) users")
    var (sum, weight) = (0.0, 0.0)
    if let weights {
      for user in sums.indices {
        sum += Double(counts[user]) * sums[user]
        weight += Double(counts[user]) * weights[user]
      }
    } else {
      for user in sums.indices {
        sum += Double(counts[user]) * sums[user]
        weight += Double(counts[user])
      }
    }
    guard weight > 0 else { return nil }
    return finish == .root ? (sum / weight).squareRoot() : sum / weight
  }
}
