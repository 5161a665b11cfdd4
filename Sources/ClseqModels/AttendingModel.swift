public import ClseqNN
public import ClseqOps

/// A model that reports its attention weights: how strongly a sequence's last event attends to each
/// event.
public protocol AttendingModel: SequenceModel {
  /// The attention weights of each sequence's last event, `[N, heads]` per layer: row m has the
  /// weights of event m. For inference only.
  ///
  /// - Throws: `OpenCLError` when memory runs out or a launch fails.
  func attentionWeights(of batch: EventBatch, on tape: Tape) throws -> [Tensor]
}
