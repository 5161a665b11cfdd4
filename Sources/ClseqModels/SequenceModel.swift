public import ClseqNN
public import ClseqOps

/// A model that turns every event of a batch into a vector, its state, from which a task's head
/// predicts. A state depends on its event and those before it, and on nothing else of the batch.
public protocol SequenceModel {
  /// Rows of input items: 0 means no item, 1 … `itemCount` are the items, those above are other
  /// inputs.
  var itemTable: Parameter { get }
  /// Vectors of items whose products with a state are their scores, in the rows of `itemTable`; nil
  /// for a model that was not made to rank items.
  var outputTable: Parameter? { get }
  /// Number of items V.
  var itemCount: Int { get }
  /// Width of the states.
  var stateWidth: Int { get }
  /// How many of the last events, its own among them, a state depends on; nil for the whole sequence.
  var reach: Int? { get }
  /// States `[N, state width]` after each event.
  ///
  /// - Parameter rows: the events whose states are wanted, `[B, state width]` then; all when nil. For
  ///   inference only.
  func hiddenStates(of batch: EventBatch, only rows: Indices?, on tape: Tape) throws -> Tensor
}

extension SequenceModel {
  /// The whole sequence.
  public var reach: Int? { nil }
}
