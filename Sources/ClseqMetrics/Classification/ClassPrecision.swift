/// The share of a class's predictions that are right.
public struct ClassPrecision: ClassMetric {
  /// `precision`.
  public static let name = "precision"
  /// How it is taken over all classes.
  public let averaging: ClassAveraging

  /// The precision with an averaging.
  public init(_ averaging: ClassAveraging = .macro) {
    self.averaging = averaging
  }

  /// True positives over all predictions of the class; 0 if there is none.
  public func value(_ counts: ClassCounts) -> Double {
    Self.ratio(counts.truePositives, counts.truePositives + counts.falsePositives)
  }
}
