/// A stretch of a user's events as the input of a model, and its events with a target.
public struct Example: Sendable, Equatable {
  /// Index of the user in the dataset, which keys random numbers.
  public let sequence: Int32
  /// Places of the inputs among the dataset's events.
  public let inputs: Range<Int>
  /// Places of the inputs whose outputs count, the last ones of `inputs`; at least one.
  public let targets: Range<Int>

  /// - Parameters:
  ///   - sequence: The sequence, from 0.
  ///   - inputs: Places among the dataset's events.
  ///   - targets: The last of them; all when nil.
  public init(sequence: Int32, inputs: Range<Int>, targets: Range<Int>? = nil) {
    let targets = targets ?? inputs
    precondition(
      !targets.isEmpty && targets.upperBound == inputs.upperBound
        && targets.lowerBound >= inputs.lowerBound,
      "Example: targets \(targets) of \(inputs)")
    self.sequence = sequence
    self.inputs = inputs
    self.targets = targets
  }

  /// Training examples of every event of a stretch, once each, after at least half of `maximumLength`
  /// events of history where there are so many. Evaluation and prediction take ``TargetWindows``.
  ///
  /// - Parameters:
  ///   - targets: Places of a user's events.
  ///   - start: Place of the user's first event, at most the start of `targets`.
  ///   - sequence: The sequence, from 0.
  ///   - maximumLength: L, the maximum number of inputs of an example; at least 1.
  public static func covering(
    _ targets: Range<Int>, from start: Int, sequence: Int32, maximumLength: Int
  ) -> [Example] {
    let count = coveringCount(targets, from: start, maximumLength: maximumLength)
    return (0..<count).map { number in
      covering(
        targets, from: start, sequence: sequence, maximumLength: maximumLength, number: number)
    }
  }

  /// How many examples ``covering(_:from:sequence:maximumLength:)`` gives.
  public static func coveringCount(
    _ targets: Range<Int>, from start: Int, maximumLength: Int
  ) -> Int {
    guard !targets.isEmpty else { return 0 }
    let (first, step) = steps(targets, from: start, maximumLength: maximumLength)
    return 1 + (max(0, targets.count - first) + step - 1) / step
  }

  /// One of these examples, by its number from 0.
  public static func covering(
    _ targets: Range<Int>, from start: Int, sequence: Int32, maximumLength: Int, number: Int
  ) -> Example {
    let (first, step) = steps(targets, from: start, maximumLength: maximumLength)
    let lower = targets.lowerBound + (number == 0 ? 0 : first + (number - 1) * step)
    let upper = min(targets.upperBound, lower + (number == 0 ? first : step))
    return Example(
      sequence: sequence, inputs: max(start, upper - maximumLength)..<upper, targets: lower..<upper)
  }

  /// The number of events with a target of the first example, and of every other. The first may
  /// have less than half of `maximumLength` events before it, and then reaches as far as an example
  /// can; no other has.
  private static func steps(
    _ targets: Range<Int>, from start: Int, maximumLength: Int
  ) -> (first: Int, others: Int) {
    let history = min(targets.lowerBound - start, maximumLength / 2)
    return (max(1, maximumLength - history), max(1, maximumLength - maximumLength / 2))
  }
}
