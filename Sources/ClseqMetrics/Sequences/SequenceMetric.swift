/// A metric of generated sequences, each beside the true one.
public protocol SequenceMetric: Metric {
  /// The metric with its usual settings.
  init()
  /// The figure of some sequences; nil without any.
  ///
  /// - Parameters:
  ///   - generated: The items of each generated sequence.
  ///   - truths: Those of the true ones, as many sequences, none empty.
  func value(generated: [[Int32]], truths: [[Int32]]) -> Double?
}

/// The metrics of generated sequences, in the order of tables.
public enum SequenceMetrics {
  /// Their types.
  public static let metrics: [any SequenceMetric.Type] = [EditDistance.self, BLEU.self]
}
