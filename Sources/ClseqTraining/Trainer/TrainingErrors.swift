/// Training ended by a signal; everything so far is in a checkpoint.
public struct TrainingInterrupted: Error, Sendable, CustomStringConvertible {
  /// The run directory, if there is one.
  public let run: String?

  /// How to go on.
  public var advice: String {
    guard let run else { return "nothing was saved, for there is no run directory" }
    return "go on with: clseq train --resume --run \(run)"
  }

  /// What happened, and how to go on.
  public var description: String { "interrupted; \(advice)" }
}

/// Nothing is left for training after what is kept for validation and test.
public struct NothingToTrain: Error, Sendable, CustomStringConvertible {
  /// What is needed.
  public var description: String {
    "no user has four events or more: the last two are kept for validation and test, and training "
      + "needs an event and the one after it"
  }
}

/// A loss or a gradient became infinite or not a number. The step changed no parameter, and the last
/// checkpoint is what it was.
public struct TrainingDiverged: Error, Equatable, Sendable, CustomStringConvertible {
  /// The step at which it happened, from 1.
  public let step: Int
  /// The first tensor, in the order of computation, that holds such a number.
  public let tensor: String
  /// Its first such element.
  public let element: Int
  /// What it holds there.
  public let value: Float

  /// What happened and what to change.
  public var description: String {
    "step \(step): element \(element) of \(tensor) is \(value); the last checkpoint is kept. Try a "
      + "lower --learning-rate, --warmup-steps, or --clip-norm 1, and look for extreme numbers in "
      + "features and targets"
  }
}
