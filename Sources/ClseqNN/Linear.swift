public import ClseqOps

/// An affine map of every row: `y = x Wᵀ + b`, optionally with an activation behind it.
public struct Linear {
  /// `[out, in]`.
  public let weight: Parameter
  /// `[out]`.
  public let bias: Parameter

  /// Declares `NAME.weight` from N(0, 0.02) and `NAME.bias` of zeros.
  ///
  /// - Parameter parts: names of equal parts of the outputs in files, as query, key and value.
  public init(
    _ name: String, inputs: Int, outputs: Int, parts: [String] = [], in store: ParameterStore
  ) {
    weight = store.declare(
      name + ".weight", [outputs, inputs], .normal(standardDeviation: 0.02), parts: parts)
    bias = store.declare(name + ".bias", [outputs], .zeros, parts: parts)
  }

  /// - Parameter x: `[N, in]`.
  /// - Returns: `[N, out]`.
  public func callAsFunction(
    _ x: Tensor, activation: Activation? = nil, on tape: Tape
  ) throws -> Tensor {
    try tape.linear(x, weight: weight, bias: bias, activation: activation)
  }
}
