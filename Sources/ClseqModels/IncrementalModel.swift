public import ClseqNN
public import ClseqOps

/// A model that goes on from what it has computed of earlier events: the state after one more event of each
/// sequence is that of a pass over all its events, within the rounding of sums.
public protocol IncrementalModel: SequenceModel {
  /// States `[N, state width]` as ``SequenceModel/hiddenStates(of:only:on:)`` gives them, for inference, with the
  /// memory filled or used.
  ///
  /// - Parameters:
  ///   - batch: whole sequences, or one more event of each of R sequences, with its position as time.
  ///   - rows: the events to compute the states of; all when nil.
  ///   - memory: empty before the first pass.
  ///   - earlier: nil for the first pass.
  ///   - tape: the tape.
  /// - Throws: `OpenCLError` when memory runs out or a launch fails.
  func hiddenStates(
    of batch: EventBatch, only rows: EventRows?, in memory: EventMemory,
    after earlier: EarlierEvents?, on tape: Tape
  ) throws -> Tensor
}
