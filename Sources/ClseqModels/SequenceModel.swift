public import ClseqNN
public import ClseqOps

/// A model that turns every event of a batch into a vector and scores items by dot products with
/// their rows of the item table.
public protocol SequenceModel {
  /// The rows: 0 means no item, 1 … `itemCount` are the items, those above are other inputs.
  var itemTable: Parameter { get }
  /// Number of items V.
  var itemCount: Int { get }
  /// Hidden state `[N, D]` after each event, from which the next item is predicted.
  ///
  /// - Parameter rows: the events whose states are wanted, `[B, D]` then; all when nil. For
  ///   inference only.
  func hiddenStates(of batch: EventBatch, only rows: Indices?, on tape: Tape) throws -> Tensor
}

extension SequenceModel {
  /// Mean cross-entropy of the next item over all items, `[1]`: full softmax. An event whose next
  /// item is no item of the catalogue is an input only.
  public func loss(of batch: EventBatch, on tape: Tape) throws -> Tensor {
    try tape.linearCrossEntropy(
      try hiddenStates(of: batch, only: nil, on: tape), table: itemTable, targets: batch.targets,
      firstClass: 1, classCount: itemCount, scale: 1 / Float(max(1, batch.targetCount)))
  }
}
