public import ClseqModels

/// What a training has taken from the run that it starts from.
public struct StartReport: Equatable, Sendable, CustomStringConvertible {
  /// The run directory.
  public let run: String
  /// The checkpoint.
  public let checkpoint: String
  /// V of the new run.
  public let itemCount: Int
  /// Of these, the items that the run knows.
  public let knownItemCount: Int
  /// Parameters that begin with values of the run, some of their rows perhaps with others.
  public let taken: [String]
  /// Parameters that begin with random values.
  public let new: [String]
  /// Steps that the optimiser's moments have seen; nil where they begin anew.
  public let steps: Int?
  /// Of the new parameters the frozen ones, whose random values stay.
  public let frozen: [String]
  /// What is left of its heads and units; nil where all are.
  public internal(set) var pruned: PrunedShape?
  /// What is trained where adapters are; nil where weights are.
  public internal(set) var adapters: Adapters?

  /// What is trained beside the frozen weights of a run.
  public struct Adapters: Equatable, Sendable {
    /// r.
    public let rank: Int
    /// Values that are trained.
    public let trainedCount: Int
    /// All values.
    public let valueCount: Int
    /// Parameters that are trained beside those of the adapters.
    public let others: [String]

    fileprivate var text: String {
      let rest = others.isEmpty ? "" : " with " + others.joined(separator: ", ")
      return
        "; adapters of rank \(rank)\(rest): \(trainedCount) of \(valueCount) values are trained"
    }
  }

  /// One line for a note.
  public var description: String {
    let others = itemCount - knownItemCount
    let items =
      others == 0
      ? "all \(itemCount) items are known"
      : "\(knownItemCount) of \(itemCount) items are known, the others start from the mean"
    let rest = new.isEmpty ? "" : "; new: " + new.joined(separator: ", ")
    let fixed =
      frozen.isEmpty
      ? "" : "; frozen with random values: " + frozen.joined(separator: ", ") + " (freeze less)"
    let trained = adapters?.text ?? ""
    let moments = steps.map { ", with the moments of \($0) steps" } ?? ""
    return "starting from \(run), \(checkpoint)\(moments): \(items)\(rest)\(fixed)\(trained)"
  }
}
