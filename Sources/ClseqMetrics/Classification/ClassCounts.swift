/// The confusion counts of one class against all others.
public struct ClassCounts: Sendable, Equatable {
  /// Predicted, and it is the label.
  public var truePositives: Int
  /// Predicted, but the label is another class.
  public var falsePositives: Int
  /// Not predicted, but it is the label.
  public var falseNegatives: Int

  /// Counts, zero where absent.
  public init(truePositives: Int = 0, falsePositives: Int = 0, falseNegatives: Int = 0) {
    self.truePositives = truePositives
    self.falsePositives = falsePositives
    self.falseNegatives = falseNegatives
  }

  /// The share of the class's predictions that are right: TP / (TP + FP); 0 if there are none.
  public var precision: Double { Self.ratio(truePositives, truePositives + falsePositives) }

  /// The share of the class's cases that were predicted: TP / (TP + FN); 0 if there are none.
  public var recall: Double { Self.ratio(truePositives, truePositives + falseNegatives) }

  /// The harmonic mean of precision and recall, 2 TP / (2 TP + FP + FN); 0 for a class that does
  /// not occur.
  public var f1: Double {
    Self.ratio(2 * truePositives, 2 * truePositives + falsePositives + falseNegatives)
  }

  /// The quotient of two counts; 0 if the denominator is 0.
  private static func ratio(_ numerator: Int, _ denominator: Int) -> Double {
    denominator == 0 ? 0 : Double(numerator) / Double(denominator)
  }
}
