/// The counts of every class: what precision, recall and F1 are made of.
///
/// ```swift
/// let confusion = Confusion(labels: [true, false, true], predictions: [true, true, true])
/// ClassF1(.macro).value(confusion)          // over the classes
/// ClassF1().value(confusion[true])          // of one class
/// ```
public struct Confusion<Label: Hashable> {
  /// Every class that is a label or was predicted, in the order of first appearance.
  public private(set) var classes: [Label] = []
  /// The counts of each class, in the order of `classes`.
  public private(set) var counts: [ClassCounts] = []
  private var places: [Label: Int] = [:]

  /// Counts predictions.
  ///
  /// - Parameters:
  ///   - labels: The true class of each case.
  ///   - predictions: The predicted class of each case, as many as labels.
  public init(labels: some Collection<Label>, predictions: some Collection<Label>) {
    precondition(
      labels.count == predictions.count,
      "Confusion of \(labels.count) labels and \(predictions.count) predictions")
    for (label, prediction) in zip(labels, predictions) {
      let (actual, predicted) = (place(of: label), place(of: prediction))
      if actual == predicted {
        counts[actual].truePositives += 1
      } else {
        counts[actual].falseNegatives += 1
        counts[predicted].falsePositives += 1
      }
    }
  }

  /// The counts of a class; zeros for one that never came.
  public subscript(label: Label) -> ClassCounts {
    places[label].map { counts[$0] } ?? ClassCounts()
  }

  private mutating func place(of label: Label) -> Int {
    if let place = places[label] { return place }
    places[label] = classes.count
    classes.append(label)
    counts.append(ClassCounts())
    return classes.count - 1
  }
}

extension Confusion: Sendable where Label: Sendable {}
