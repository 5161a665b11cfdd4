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

  /// The share of the class's predictions that are right: TP / (TP + FP); 0 if there are none.
  public var precision: Double { Self.ratio(truePositives, truePositives + falsePositives) }

  /// The share of the class's cases that were predicted: TP / (TP + FN); 0 if there are none.
  public var recall: Double { Self.ratio(truePositives, truePositives + falseNegatives) }

  /// Their harmonic mean, 2 TP / (2 TP + FP + FN); 0 for a class that never came.
  public var f1: Double {
    Self.ratio(2 * truePositives, 2 * truePositives + falsePositives + falseNegatives)
  }

  /// The quotient of two counts; 0 where the lower one is.
  private static func ratio(_ upper: Int, _ lower: Int) -> Double {
    lower == 0 ? 0 : Double(upper) / Double(lower)
  }
}
