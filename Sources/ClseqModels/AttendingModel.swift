public import ClseqNN
public import ClseqOps

/// A model that can tell how much the last event of a sequence heeds each event.
public protocol AttendingModel: SequenceModel {
  /// The attention weights of each sequence's last event, `[N, heads]` a layer: row m is the weight
  /// of event m. For inference only.
  func attentionWeights(of batch: EventBatch, on tape: Tape) throws -> [Tensor]
}
