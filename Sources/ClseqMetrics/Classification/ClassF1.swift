/// The mean over classes of the harmonic mean of precision and recall: a rare class has the weight
/// of a frequent one.
///
/// It is the mean of the classes' F1, not the F1 of the mean precision and recall (Opitz and Burst,
/// Macro F1 and macro F1, 2019). A class that is neither a label nor predicted does not count.
public struct ClassF1: Metric, UserFigure {
  /// `macro F1`.
  public static let name = "macro F1"

  /// The number of users.
  public let userCount: Int
  private let classCount: Int
  private let labels: [Int32]
  private let predictions: [Int32]
  private let users: [Int32]

  /// - Parameters:
  ///   - labels: The true class of each case, from 0 to below `classCount`.
  ///   - predictions: The predicted class of each case, as many.
  ///   - classCount: The number of classes.
  ///   - users: The user of each case, as many; when nil, all cases are of one user.
  ///   - userCount: The number of users.
  public init(
    labels: [Int32], predictions: [Int32], classCount: Int, users: [Int32]? = nil,
    userCount: Int = 1
  ) {
    let users = users ?? [Int32](repeating: 0, count: labels.count)
    Self.requireEqualCounts([
      "labels": labels.count, "predictions": predictions.count, "users": users.count,
    ])
    (self.labels, self.predictions, self.users) = (labels, predictions, users)
    (self.classCount, self.userCount) = (classCount, userCount)
  }

  /// - Returns: Nil if no case counts.
  public func value(_ counts: [Int32]) -> Double? {
    var confusion = [ClassCounts](repeating: ClassCounts(), count: classCount)
    for place in labels.indices {
      let count = Int(counts[Int(users[place])])
      let (label, prediction) = (Int(labels[place]), Int(predictions[place]))
      if label == prediction {
        confusion[label].truePositives += count
      } else {
        confusion[label].falseNegatives += count
        confusion[prediction].falsePositives += count
      }
    }
    let used = confusion.filter { $0 != ClassCounts() }
    return used.isEmpty ? nil : used.reduce(0) { $0 + $1.f1 } / Double(used.count)
  }
}
