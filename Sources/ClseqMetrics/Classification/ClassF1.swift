/// The harmonic mean of precision and recall.
///
/// The macro average is the mean of the classes' F1, not the F1 of the mean precision and recall
/// (Opitz and Burst, Macro F1 and macro F1, 2019).
public struct ClassF1: ClassMetric {
  /// `F1`.
  public static let name = "F1"
  /// How it is taken over all classes.
  public let averaging: ClassAveraging

  /// The F1 score with an averaging.
  public init(_ averaging: ClassAveraging = .macro) {
    self.averaging = averaging
  }

  /// 2 TP / (2 TP + FP + FN); 0 for a class that is neither a label nor predicted.
  public func value(_ counts: ClassCounts) -> Double {
    let agreed = 2 * counts.truePositives
    return Self.ratio(agreed, agreed + counts.falsePositives + counts.falseNegatives)
  }
}
