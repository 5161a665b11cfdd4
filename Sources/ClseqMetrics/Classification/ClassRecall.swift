/// The share of a class's cases that were predicted. Among ranked items it is ``Recall``.
public struct ClassRecall: ClassMetric {
  /// `recall`.
  public static let name = "recall"
  /// How it is taken over all classes.
  public let averaging: ClassAveraging

  /// The recall with an averaging.
  public init(_ averaging: ClassAveraging = .macro) {
    self.averaging = averaging
  }

  /// True positives over all cases of the class; 0 if there is none.
  public func value(_ counts: ClassCounts) -> Double {
    Self.ratio(counts.truePositives, counts.truePositives + counts.falseNegatives)
  }
}
