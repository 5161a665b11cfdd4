public import ClseqNN
public import ClseqOps

/// A model that turns every event of a batch into a vector, its state, from which a task's head
/// predicts. A state depends on its event and those before it, and on nothing else of the batch; that of a
/// model which fills masks on the events after it as well. Of a model that writes, a sequence has a start among its
/// events: those before it are read and have no states.
public protocol SequenceModel {
  /// Embeddings of input items: row 0 means no item, 1 … `itemCount` are the items, rows above are
  /// special inputs.
  var itemTable: Parameter { get }
  /// Vectors of items, whose products with a state are the items' scores, in the rows of
  /// `itemTable`; nil for a model that does not rank items.
  var outputTable: Parameter? { get }
  /// Number of items V.
  var itemCount: Int { get }
  /// Width of the states.
  var stateWidth: Int { get }
  /// The row of ``itemTable`` that stands for an event to be predicted, of a model that predicts an event in
  /// its place, or for the start of a model that writes; nil of one whose state predicts the event after it.
  var maskItem: Int32? { get }
  /// The row of ``itemTable`` that stands in front of a sequence and whose state is that of all its events; nil of a
  /// model without one.
  var summaryItem: Int32? { get }
  /// Whether the model reads the events before a start and writes those after it.
  var writes: Bool { get }
  /// How many of the last events, including its own, a state depends on; nil for the whole
  /// sequence.
  var reach: Int? { get }
  /// States `[N, state width]` after each event, of a model that writes after the start and each written event alone.
  ///
  /// - Parameters:
  ///   - batch: the events.
  ///   - rows: the S events to compute the states of; the result is then `[S, state width]`. All when nil.
  ///   - tape: the tape.
  /// - Throws: `OpenCLError` when memory runs out or a launch fails.
  func hiddenStates(of batch: EventBatch, only rows: EventRows?, on tape: Tape) throws -> Tensor
  /// The losses that the model adds to that of the task; none as a rule.
  var auxiliaryLosses: [AuxiliaryLoss] { get }
  /// States in training, with the values of ``auxiliaryLosses``.
  ///
  /// - Parameters:
  ///   - batch: the events.
  ///   - moment: the step.
  ///   - rows: the S events to return the states of, as `[S, state width]`; all when nil.
  ///   - tape: the tape.
  /// - Throws: `OpenCLError` when memory runs out or a launch fails.
  func trainingStates(
    of batch: EventBatch, at moment: TrainingMoment, only rows: EventRows?, on tape: Tape
  ) throws -> TrainingStates
}

extension SequenceModel {
  /// The whole sequence.
  public var reach: Int? { nil }

  /// None.
  public var maskItem: Int32? { nil }

  /// None.
  public var summaryItem: Int32? { nil }

  /// It does not.
  public var writes: Bool { false }

  /// None.
  public var auxiliaryLosses: [AuxiliaryLoss] { [] }

  /// The hidden states alone, where the batch asks for them with guesses among the events.
  public func trainingStates(
    of batch: EventBatch, at moment: TrainingMoment, only rows: EventRows?, on tape: Tape
  ) throws -> TrainingStates {
    let batch = try withGuesses(batch, on: tape.backend)
    return TrainingStates(try hiddenStates(of: batch, only: rows, on: tape))
  }

  /// A batch with the items that the model guesses after the true ones before them, by a pass in inference: the item
  /// of the largest score, which stays on the device.
  private func withGuesses(_ batch: EventBatch, on backend: Backend) throws -> EventBatch {
    guard let guesses = batch.guesses, let table = outputTable else { return batch }
    let states = try hiddenStates(of: batch, only: nil, on: Tape(backend, mode: .inference))
    let likeliest = try backend.topItems(
      1, try backend.gatherRows(states, rows: guesses.sources), table: table.value,
      excluding: guesses.exclusions, firstItem: 1, itemCount: itemCount
    ).rows
    var guessed = batch
    guessed.guesses?.items = try backend.selectItems(
      batch.events.items, likeliest, where: guesses.choices)
    return guessed
  }
}
