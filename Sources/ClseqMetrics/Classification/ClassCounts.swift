/// How the predictions of one class against the rest fell out.
public struct ClassCounts: Sendable, Equatable {
  /// Predicted, and rightly.
  public var truePositives: Int
  /// Predicted where the label is another.
  public var falsePositives: Int
  /// Not predicted where it is the label.
  public var falseNegatives: Int

  /// Counts, zero where absent.
  public init(truePositives: Int = 0, falsePositives: Int = 0, falseNegatives: Int = 0) {
    self.truePositives = truePositives
    self.falsePositives = falsePositives
    self.falseNegatives = falseNegatives
  }

  static func + (left: ClassCounts, right: ClassCounts) -> ClassCounts {
    ClassCounts(
      truePositives: left.truePositives + right.truePositives,
      falsePositives: left.falsePositives + right.falsePositives,
      falseNegatives: left.falseNegatives + right.falseNegatives)
  }
}
