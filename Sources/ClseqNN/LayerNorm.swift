public import ClseqOps

/// Normalises every row to mean 0 and variance 1, then scales and shifts it.
///
/// Source: Ba, Kiros, Hinton, "Layer normalization" (2016).
public struct LayerNorm {
  /// `[D]`.
  public let weight: Parameter
  /// `[D]`.
  public let bias: Parameter

  /// Declares `NAME.weight` of ones and `NAME.bias` of zeros.
  public init(_ name: String, width: Int, in store: ParameterStore) {
    weight = store.declare(name + ".weight", [width], .ones)
    bias = store.declare(name + ".bias", [width], .zeros)
  }

  /// - Parameters:
  ///   - x: `[N, D]`.
  ///   - tape: The tape.
  public func callAsFunction(_ x: Tensor, on tape: Tape) throws -> Tensor {
    try tape.layerNorm(x, weight: weight, bias: bias)
  }

  /// `residual + dropout(x)`, and the norm of it.
  ///
  /// - Parameters:
  ///   - x: `[N, D]`.
  ///   - residual: `[N, D]`.
  ///   - rate: probability of dropping a value of x.
  ///   - layer: name of the dropout.
  ///   - events: the events of the rows.
  ///   - tape: the tape.
  /// - Throws: `OpenCLError` when memory runs out or a launch fails.
  public func afterAdding(
    _ x: Tensor, to residual: Tensor, dropout rate: DropoutRate, layer: String,
    of events: EventIndices, on tape: Tape
  ) throws -> (sum: Tensor, normed: Tensor) {
    try tape.residualNorm(
      x, onto: residual, rate: rate, layer: layer, events: events, weight: weight,
      bias: bias)
  }
}
