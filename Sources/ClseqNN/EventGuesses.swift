public import ClseqOps

/// Events of a batch in whose place a model that writes is given its own guess in training.
///
/// Source: Mihaylova and Martins, "Scheduled sampling for transformers" (ACL 2019 student workshop): a first pass over
/// the true events gives the guesses, and a second one, which is trained, has them in place of some.
public struct EventGuesses {
  /// `[K]` The written events, by number among them, whose states guess.
  public let sources: Indices
  /// `[N]` Which guess stands in an event's place; below 0 for none.
  public let choices: Indices
  /// Items that a guess may not be, of each of K.
  public let exclusions: UserRows
  /// `[N]` The items of all events, those guessed in place of the true ones; nil before the first pass.
  public var items: Indices?

  /// Guesses of which the first pass has still to come.
  public init(sources: Indices, choices: Indices, exclusions: UserRows) {
    (self.sources, self.choices, self.exclusions) = (sources, choices, exclusions)
  }
}

extension EventEncoder {
  /// The vectors of events `[N, width]`, with those of guessed items in their places, which are constants: no
  /// gradient reaches the tables by them.
  ///
  /// - Throws: `OpenCLError` when memory runs out or a launch fails.
  public func vectorsWithGuesses(of batch: EventBatch, on tape: Tape) throws -> Tensor {
    let x = try self(batch, layer: "", on: tape)
    guard let guesses = batch.guesses, let items = guesses.items else { return x }
    let guessed = try self(
      batch.with(items: items), layer: "", on: Tape(tape.backend, mode: .inference))
    return try tape.selectRows(x, guessed, where: guesses.choices)
  }
}
