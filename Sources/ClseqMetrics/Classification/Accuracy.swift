/// The share of predictions that equal the label.
public struct Accuracy: Metric {
  /// `accuracy`.
  public static let name = "accuracy"

  /// The accuracy.
  public init() {}

  /// - Returns: Nil if there is no label.
  public func value<Label: Equatable>(
    labels: some Collection<Label>, predictions: some Collection<Label>
  ) -> Double? {
    Self.requireEqualCounts(["labels": labels.count, "predictions": predictions.count])
    guard !labels.isEmpty else { return nil }
    return Double(zip(labels, predictions).count { $0 == $1 }) / Double(labels.count)
  }
}
