public import ClseqOps

/// An affine map of every row: `y = x Wᵀ + b`, optionally followed by an activation.
public struct Linear {
  /// `[out, in]`.
  public let weight: Parameter
  /// `[out]`, if there is one.
  public let bias: Parameter?
  /// An adapter for each of its parts, or for all of it; empty where the weight itself is trained.
  public let adapters: [LowRankAdapter]

  /// Declares `NAME.weight` from N(0, deviation²) and `NAME.bias` of zeros, and the parameters of its adapters.
  ///
  /// - Parameters:
  ///   - name: the prefix of the names of parameters.
  ///   - inputs: the width of the input.
  ///   - outputs: the width of the output.
  ///   - parts: names in files of equal parts of the outputs, as query, key and value.
  ///   - hasBias: whether there is a bias.
  ///   - deviation: standard deviation of the first weights.
  ///   - adaptation: how each part is adapted; nil for no adapters.
  ///   - store: the store that gets the parameters.
  public init(
    _ name: String, inputs: Int, outputs: Int, parts: [String] = [], hasBias: Bool = true,
    deviation: Float = 0.02, adaptation: LowRankAdaptation? = nil, in store: ParameterStore
  ) {
    weight = store.declare(
      name + ".weight", [outputs, inputs], .normal(standardDeviation: deviation), parts: parts)
    bias = hasBias ? store.declare(name + ".bias", [outputs], .zeros, parts: parts) : nil
    adapters =
      adaptation.map { adaptation in
        (parts.isEmpty ? [name] : parts.map { "\(name).\($0)" }).map {
          LowRankAdapter(
            $0, inputs: inputs, outputs: outputs / max(1, parts.count), adaptation, in: store)
        }
      } ?? []
  }

  /// - Parameters:
  ///   - x: `[N, in]`.
  ///   - activation: The function of the output; nil for none.
  ///   - isConstant: whether `x` depends on no parameter, and needs no gradient.
  ///   - tape: The tape.
  /// - Returns: `[N, out]`.
  public func callAsFunction(
    _ x: Tensor, activation: Activation? = nil, isConstant: Bool = false, on tape: Tape
  ) throws -> Tensor {
    let changes = try adapters.map { try $0(x, on: tape) }
    return try tape.linear(
      x, weight: weight, bias: bias,
      adding: changes.count > 1 ? try tape.concat(changes) : changes.first,
      activation: activation, isConstant: isConstant)
  }
}
