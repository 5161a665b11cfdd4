/// A stretch of a user's events as the input of a model, and the events that it is asked about.
public struct Example: Sendable, Equatable {
  /// Index of the user in the dataset, which keys random numbers.
  public let sequence: Int32
  /// Places of the inputs among the dataset's events.
  public let inputs: Range<Int>
  /// Places of the inputs whose outputs count, the last ones of `inputs`; at least one.
  public let asked: Range<Int>

  /// - Parameters:
  ///   - inputs: Places among the dataset's events.
  ///   - asked: The last of them; all when nil.
  public init(sequence: Int32, inputs: Range<Int>, asked: Range<Int>? = nil) {
    let asked = asked ?? inputs
    precondition(
      !asked.isEmpty && asked.upperBound == inputs.upperBound
        && asked.lowerBound >= inputs.lowerBound,
      "Example: asked about \(asked) of \(inputs)")
    self.sequence = sequence
    self.inputs = inputs
    self.asked = asked
  }

  /// Training examples of every event of a stretch, once each, after at least half of `maximumLength`
  /// events of history where there are so many. Evaluation and prediction take ``AskedWindows``.
  ///
  /// - Parameters:
  ///   - asked: Places of a user's events.
  ///   - start: Place of the user's first event, at most the start of `asked`.
  ///   - maximumLength: L, the most inputs of an example; at least 1.
  public static func covering(
    _ asked: Range<Int>, from start: Int, sequence: Int32, maximumLength: Int
  ) -> [Example] {
    var examples: [Example] = []
    var lower = asked.lowerBound
    while lower < asked.upperBound {
      let history = min(lower - start, maximumLength / 2)
      let upper = min(asked.upperBound, lower + max(1, maximumLength - history))
      examples.append(
        Example(
          sequence: sequence, inputs: max(start, upper - maximumLength)..<upper,
          asked: lower..<upper))
      lower = upper
    }
    return examples
  }
}
