public import ClseqNN
public import ClseqOps

/// A model that compresses each sequence of a batch to one vector of C numbers, its code, and writes the sequence back
/// from it. The state of an event says what the event is, from the code and the events before it.
public protocol CompressingModel: SequenceModel {
  /// C.
  var codeWidth: Int { get }
  /// The factor of the divergence of codes in the loss, β; nil of a model whose codes have no distribution.
  var divergenceWeight: Double? { get }
  /// The codes of the sequences of a batch.
  ///
  /// - Throws: `OpenCLError` when memory runs out or a launch fails.
  func codes(of batch: EventBatch, on tape: Tape) throws -> SequenceCodes
  /// The states of a batch's events from given codes.
  ///
  /// - Parameters:
  ///   - batch: The events; those before an event are given to it.
  ///   - codes: `[B, C]`.
  ///   - tape: The tape.
  /// - Returns: `[N, state width]`.
  /// - Throws: `OpenCLError` when memory runs out or a launch fails.
  func states(of batch: EventBatch, from codes: Tensor, on tape: Tape) throws -> Tensor
  /// What is known before the first event is written.
  ///
  /// - Parameters:
  ///   - codes: `[B, C]`.
  ///   - tape: The tape.
  /// - Throws: `OpenCLError` when memory runs out or a launch fails.
  func beginning(of codes: Tensor, on tape: Tape) throws -> WritingState
  /// The states of the next event of each sequence, in inference.
  ///
  /// - Parameters:
  ///   - items: The rows of the events before, or the start's, `[B]`.
  ///   - state: Before these.
  ///   - tape: The tape.
  /// - Returns: `[B, state width]`, and the state for the event after.
  /// - Throws: `OpenCLError` when memory runs out or a launch fails.
  func next(
    after items: Indices, _ state: WritingState, on tape: Tape
  ) throws -> (states: Tensor, state: WritingState)
}

/// The codes of some sequences.
public struct SequenceCodes {
  /// The codes or, of a distribution, their means, `[B, C]`.
  public let means: Tensor
  /// The logarithms of their variances, `[B, C]`; nil without a distribution.
  public let logVariances: Tensor?

  /// Codes, perhaps with a distribution.
  public init(_ means: Tensor, logVariances: Tensor? = nil) {
    (self.means, self.logVariances) = (means, logVariances)
  }
}

/// What a model that writes sequences from codes knows of each before its next event.
public struct WritingState {
  /// What the code adds to each input, `[B, D]`.
  let code: Tensor
  let recurrent: RecurrentState

  init(code: Tensor, _ recurrent: RecurrentState) {
    (self.code, self.recurrent) = (code, recurrent)
  }
}
