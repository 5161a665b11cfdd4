#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Novelty@k: the mean self-information of the recommended items, in bits.
///
/// An item with the share p of all events has −log₂ p; one without events counts as if it had one.
/// Source: Zhou et al., Solving the apparent diversity-accuracy dilemma of recommender systems,
/// PNAS 2010, "surprisal", with shares of events.
public struct Novelty: CatalogueMetric {
  /// `novelty`.
  public static let name = "novelty"
  /// k.
  public let cutoff: Int
  /// [item − 1] its self-information in bits.
  private let bits: [Double]

  /// - Parameters:
  ///   - cutoff: k.
  ///   - popularity: The number of events of each item 1…V in what the system has learned from.
  public init(at cutoff: Int, popularity: some Collection<Int>) {
    self.cutoff = cutoff
    let total = max(1, popularity.reduce(0, +))
    bits = popularity.map { log2(Double(total) / Double(max(1, $0))) }
  }

  /// - Parameter counts: How often each item is recommended; as many as the popularity has.
  /// - Returns: Nil if nothing is.
  public func value(counts: [Int]) -> Double? {
    Self.requireEqualCounts(["counts": counts.count, "items with a popularity": bits.count])
    let total = counts.reduce(0, +)
    guard total > 0 else { return nil }
    return zip(counts, bits).reduce(0) { $0 + Double($1.0) * $1.1 } / Double(total)
  }
}
