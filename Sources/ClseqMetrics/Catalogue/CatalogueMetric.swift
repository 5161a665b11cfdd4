/// A figure of what all users are recommended together, from how often each item of the catalogue
/// stands among the first k.
public protocol CatalogueMetric: Metric {
  /// k: how many of a list's first items count.
  var cutoff: Int { get }
  /// The figure for these counts, one an item of the catalogue; nil if they are all zero.
  func value(counts: [Int]) -> Double?
}

extension CatalogueMetric {
  /// The name with the cutoff, such as `coverage@10`.
  public var title: String { "\(Self.name)@\(cutoff)" }

  /// The figure for lists of recommendations, one a user, the best item first; nil if all are
  /// empty.
  ///
  /// - Parameters:
  ///   - lists: Items 1…V.
  ///   - itemCount: V.
  public func value(
    lists: some Sequence<some Sequence<some BinaryInteger>>, itemCount: Int
  ) -> Double? {
    var counts = [Int](repeating: 0, count: itemCount)
    for list in lists {
      for item in list.prefix(cutoff) {
        precondition(
          item >= 1 && item <= itemCount, "\(Self.name): item \(item) is not in 1…\(itemCount)")
        counts[Int(item) - 1] += 1
      }
    }
    return value(counts: counts)
  }
}
