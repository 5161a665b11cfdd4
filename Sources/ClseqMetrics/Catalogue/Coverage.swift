/// Catalogue coverage@k: the share of all items that are among the first k of at least one user.
///
/// Source: Ge, Delgado-Battenfeld, Jannach, Beyond accuracy: evaluating recommender systems by
/// coverage and serendipity, RecSys 2010.
public struct Coverage: CatalogueMetric {
  /// `coverage`.
  public static let name = "coverage"
  /// k.
  public let cutoff: Int

  /// The coverage at a cutoff.
  public init(at cutoff: Int) {
    self.cutoff = cutoff
  }

  /// - Parameter counts: How often each item is recommended.
  /// - Returns: Nil if nothing is.
  public func value(counts: [Int]) -> Double? {
    let covered = counts.count { $0 > 0 }
    return covered == 0 ? nil : Double(covered) / Double(counts.count)
  }
}
