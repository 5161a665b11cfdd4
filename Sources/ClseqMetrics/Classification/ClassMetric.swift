/// A figure of merit of predicted classes, from the counts of one class against the rest.
public protocol ClassMetric: Metric {
  /// How it is taken over all classes.
  var averaging: ClassAveraging { get }
  /// The metric with an averaging.
  init(_ averaging: ClassAveraging)
  /// The figure of one class; 0 where its denominator is.
  func value(_ counts: ClassCounts) -> Double
}

extension ClassMetric {
  /// The name with the averaging, such as `macro F1`.
  public var title: String { "\(averaging.rawValue) \(Self.name)" }

  /// The figure over all classes that are a label or were predicted; nil if there is none.
  public func value(_ confusion: Confusion<some Hashable>) -> Double? {
    guard !confusion.counts.isEmpty else { return nil }
    switch averaging {
    case .macro: return confusion.counts.map(value).reduce(0, +) / Double(confusion.counts.count)
    case .micro: return value(confusion.counts.reduce(ClassCounts(), +))
    }
  }

  /// The figure over all classes that are a label or were predicted; nil if there is none.
  ///
  /// - Parameters:
  ///   - labels: The true class of each case.
  ///   - predictions: The predicted class of each case, as many as labels.
  public func value<Label: Hashable>(
    labels: some Collection<Label>, predictions: some Collection<Label>
  ) -> Double? {
    Self.requireEqualCounts(["labels": labels.count, "predictions": predictions.count])
    return value(Confusion(labels: labels, predictions: predictions))
  }

  /// The quotient of two counts; 0 where the lower one is.
  static func ratio(_ upper: Int, _ lower: Int) -> Double {
    lower == 0 ? 0 : Double(upper) / Double(lower)
  }
}
