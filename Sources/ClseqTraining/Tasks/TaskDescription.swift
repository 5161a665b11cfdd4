public import ClseqData

/// What a run's model takes and gives: saved with the run, so that new data is read in the same way.
public struct TaskDescription: Equatable, Sendable, Codable {
  /// The output of one head.
  public struct Head: Equatable, Sendable, Codable {
    /// Name of its parameters and of its figures.
    public let name: String
    /// The target, as ``ClseqData/TargetRule`` reads it.
    public let target: String
    /// What its outputs mean.
    public let goal: RowGoal
  }

  /// What the model was trained for.
  public let task: TaskKind
  /// The supervised heads; none where items are ranked alone.
  public var heads: [Head]
  /// How what is known of events becomes codes and numbers.
  public var inputs: InputEncoding
  /// From when targets look ahead, in microseconds since 1970, if they do.
  public var cutoff: Int64?
}
