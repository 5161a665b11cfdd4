/// What a recurrent layer knows of B sequences after some of their events, in memory that does not grow
/// with them.
public struct LayerState {
  /// h, the output after the last event: `[B, H]`, or `[B, P]` with a projection.
  public let hidden: Tensor
  /// c of an LSTM, `[B, H]`; nil for a GRU.
  public let cell: Tensor?

  /// A state of given values.
  public init(hidden: Tensor, cell: Tensor? = nil) {
    self.hidden = hidden
    self.cell = cell
  }
}

/// How a recurrence over ragged sequences is launched. The numbers are the same.
package enum RecurrentForm: CaseIterable, Sendable {
  /// One launch: each work-group takes its sequences from step to step.
  case sequences
  /// One launch a step, over the sequences that are long enough.
  case steps

  /// The faster one, which is one launch. On a CPU (`clseq bench recurrent`) a work-item keeps the
  /// states of its sequences in its cache and no core waits for another; on a GPU a step is shorter
  /// than a launch.
  package static let preferred = RecurrentForm.sequences
}
