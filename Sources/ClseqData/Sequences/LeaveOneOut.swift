/// The leave-one-out split: of a user's events s₀ … sₙ₋₁ (n ≥ 3) the last is the target of the
/// test, the one before that of the validation, and the rest is for training.
///
/// The history before the test target holds the validation event. Everything in the history
/// counts as seen, also what is beyond the cut to the most recent inputs. The vocabulary is that
/// of the whole log.
public struct LeaveOneOut: Sendable {
  /// The part of the split that a figure is measured on.
  public enum Part: String, Sendable, Codable, CaseIterable {
    /// The second to last event of each user.
    case validation
    /// The last event of each user.
    case test
  }

  /// The split's name in passports.
  public static let name = "leave-one-out"

  /// The data that is split.
  public let dataset: SequenceDataset

  /// Splits a dataset; nothing is copied.
  public init(_ dataset: SequenceDataset) {
    self.dataset = dataset
  }

  /// s₀ … sₙ₋₃: what a model may be trained on.
  public func training(of user: Int) -> ArraySlice<Int32> {
    dataset[user].dropLast(2)
  }

  /// Where the most recent inputs of a user's training part stand among the dataset's items: all
  /// but its last event, cut to `maximumLength`. Nil if it has less than two events.
  func trainingInputs(of user: Int, maximumLength: Int) -> Range<Int>? {
    let inputs = training(of: user).indices.dropLast().suffix(maximumLength)
    return inputs.isEmpty ? nil : inputs
  }

  /// The whole history before the target: the model's input before it is cut, and the items seen.
  public func history(of user: Int, for part: Part) -> ArraySlice<Int32> {
    dataset[user].dropLast(part.distanceFromEnd)
  }

  /// The item to be ranked, 1…V.
  public func target(of user: Int, for part: Part) -> Int32 {
    dataset.items[dataset.offsets[user + 1] - part.distanceFromEnd]
  }

  /// The distinct items of the history without the target, ascending: what full ranking leaves
  /// out.
  public func exclusions(of user: Int, for part: Part) -> [Int32] {
    let target = target(of: user, for: part)
    var seen = history(of: user, for: part).sorted()
    var count = 0
    for item in seen where item != target && (count == 0 || seen[count - 1] != item) {
      seen[count] = item
      count += 1
    }
    seen.removeSubrange(count...)
    return seen
  }
}

extension LeaveOneOut.Part {
  /// How far from a user's end the target stands; the last event is at distance 1.
  var distanceFromEnd: Int {
    switch self {
    case .validation: 2
    case .test: 1
    }
  }
}
