/// The Gini coefficient of how often items are recommended: 0 if all are equally often, near 1 if
/// one item takes all.
///
///     G = Σᵢ (2i − n − 1) xᵢ / (n Σᵢ xᵢ)   over the ascending counts x₁ … xₙ
///
/// Items that are never recommended count as zeros. Source: Shani and Gunawardana, Evaluating
/// recommendation systems (Recommender Systems Handbook, 2011), section 8.3.3.
public struct Gini: CatalogueMetric {
  /// `Gini`.
  public static let name = "Gini"
  /// k.
  public let cutoff: Int

  /// The coefficient of recommendations at a cutoff.
  public init(at cutoff: Int) {
    self.cutoff = cutoff
  }

  /// - Parameter counts: How often each item is recommended, at least 0.
  /// - Returns: Nil if nothing is.
  public func value(counts: [Int]) -> Double? {
    Self.coefficient(of: counts)
  }

  /// The coefficient of any counts, such as the events of each item in a log.
  ///
  /// - Parameter counts: At least 0 each.
  /// - Returns: Nil if they are all zero.
  public static func coefficient(of counts: some Sequence<Int>) -> Double? {
    let ascending = counts.sorted()
    guard let largest = ascending.last, largest > 0 else { return nil }
    precondition(ascending[0] >= 0, "Gini of a count of \(ascending[0])")
    var sum = 0.0
    var weightedSum = 0.0
    for (index, count) in ascending.enumerated() {
      sum += Double(count)
      weightedSum += Double(2 * index + 1 - ascending.count) * Double(count)
    }
    return weightedSum / (Double(ascending.count) * sum)
  }
}
