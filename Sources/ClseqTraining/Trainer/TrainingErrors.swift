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

/// After the validation and the test event no sequence has two events left.
public struct NothingToTrain: Error, Sendable, CustomStringConvertible {
  /// What is needed.
  public var description: String {
    "no user has four events or more: the last two are kept for validation and test, and training "
      + "needs an event and the one after it"
  }
}

/// The loss became infinite or not a number.
public struct TrainingDiverged: Error, Sendable, CustomStringConvertible {
  /// The epoch in which it happened.
  public let epoch: Int

  /// What to change.
  public var description: String {
    "the loss of epoch \(epoch) is not finite; try a lower --learning-rate, --warmup-steps, "
      + "or --clip-norm 1"
  }
}
