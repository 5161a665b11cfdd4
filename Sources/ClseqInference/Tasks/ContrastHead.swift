package import ClseqOps

/// Compares the states of stretches of events: by the correlation of two states' columns, over a temperature
/// that is trained as a factor per column.
///
/// `z = g (s − mean s) / σ(s) + b`, similarity `z · z′`; at first `g² = 1 / (D τ)` and `b = 0`, so that it is the
/// correlation over τ. Source: Oord et al., "Representation learning with contrastive predictive coding" (2018),
/// equation 4, in both directions as Radford et al., "CLIP" (ICML 2021), figure 3.
package struct ContrastHead {
  private let weight: Parameter
  private let bias: Parameter

  /// Declares `contrast.weight` and `contrast.bias`, `[D]`.
  ///
  /// - Parameters:
  ///   - width: D, the width of the states.
  ///   - temperature: τ, above 0.
  ///   - store: The store.
  package init(width: Int, temperature: Double, in store: ParameterStore) {
    let factor = Float((1 / (Double(width) * temperature)).squareRoot())
    weight = store.declare(
      "contrast.weight", [width], .values([Float](repeating: factor, count: width)))
    bias = store.declare("contrast.bias", [width], .zeros)
  }

  /// The vectors whose products are similarities, `[P, D]`.
  ///
  /// - Parameters:
  ///   - states: `[P, D]`.
  ///   - tape: The tape.
  /// - Throws: `OpenCLError` when memory runs out or a launch fails.
  package func callAsFunction(_ states: Tensor, on tape: Tape) throws -> Tensor {
    try tape.layerNorm(states, weight: weight, bias: bias)
  }
}
