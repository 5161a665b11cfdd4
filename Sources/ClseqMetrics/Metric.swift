/// A metric with a name.
public protocol Metric: Sendable {
  /// The name without settings, such as `NDCG`.
  static var name: String { get }
  /// The name with its settings, such as `NDCG@10`.
  var title: String { get }
}

extension Metric {
  /// The name, for a metric without settings.
  public var title: String { Self.name }

  /// Stops the program unless all counts are equal: paired arrays must have one length.
  static func requireEqualCounts(_ counts: KeyValuePairs<String, Int>) {
    precondition(
      counts.allSatisfy { $0.value == counts[0].value },
      "\(name) of \(counts.map { "\($0.value) \($0.key)" }.joined(separator: " and "))")
  }
}
