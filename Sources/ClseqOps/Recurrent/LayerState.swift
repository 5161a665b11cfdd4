/// The state of a recurrent layer after some events of B sequences; its size does not depend on
/// their number.
public struct LayerState {
  /// h, the output after the last event, `[B, H]`.
  public let hidden: Tensor
  /// c of an LSTM, `[B, H]`; nil for a GRU.
  public let cell: Tensor?

  /// A state of given values.
  public init(hidden: Tensor, cell: Tensor? = nil) {
    self.hidden = hidden
    self.cell = cell
  }
}
