public import ClseqOps

/// How linear maps are adapted: by products of two matrices of a small rank, which are trained in place of the
/// map's weights.
///
/// Source: Hu et al., "LoRA: Low-rank adaptation of large language models" (ICLR 2022), section 4.1.
public struct LowRankAdaptation: Sendable, Equatable {
  /// r, the inner width of the product.
  public let rank: Int
  /// α / r, the factor of the product.
  public let scale: Float

  /// - Parameters:
  ///   - rank: r, at least 1.
  ///   - alpha: α.
  public init(rank: Int, alpha: Double) {
    precondition(rank > 0, "LowRankAdaptation: rank \(rank)")
    (self.rank, scale) = (rank, Float(alpha / Double(rank)))
  }
}

/// The adapter of a linear map: `(α / r) (x Aᵀ) Bᵀ`, which is added to `x Wᵀ + b`. A begins with random values and B
/// with zeros, so that the map begins as it was.
public struct LowRankAdapter {
  /// A, `[r, in]`.
  public let down: Parameter
  /// B, `[out, r]`.
  public let up: Parameter
  private let scale: Float

  private static let (downSuffix, upSuffix) = (".lora_A.weight", ".lora_B.weight")

  /// Declares `NAME.lora_A.weight` from N(0, 0.02) and `NAME.lora_B.weight` of zeros.
  ///
  /// - Parameters:
  ///   - name: the name of the map.
  ///   - inputs: the width of its input.
  ///   - outputs: the width of its output.
  ///   - adaptation: rank and scale.
  ///   - store: the store that gets the parameters.
  public init(
    _ name: String, inputs: Int, outputs: Int, _ adaptation: LowRankAdaptation,
    in store: ParameterStore
  ) {
    down = store.declare(
      name + Self.downSuffix, [adaptation.rank, inputs], .normal(standardDeviation: 0.02))
    up = store.declare(name + Self.upSuffix, [outputs, adaptation.rank], .zeros)
    scale = adaptation.scale
  }

  /// - Parameters:
  ///   - x: `[N, in]`.
  ///   - tape: The tape.
  /// - Returns: `[N, out]`.
  /// - Throws: `OpenCLError` when memory runs out or a launch fails.
  public func callAsFunction(_ x: Tensor, on tape: Tape) throws -> Tensor {
    let inner = try tape.linear(x, weight: down)
    return try tape.linear(scale == 1 ? inner : tape.scale(inner, by: scale), weight: up)
  }

  /// Whether a name is that of A or B of an adapter.
  package static func isPart(_ name: String) -> Bool {
    name.hasSuffix(downSuffix) || name.hasSuffix(upSuffix)
  }

  /// The names of A and B of the adapter of a map, from that of the map's weight.
  package static func names(forWeight name: String) -> (down: String, up: String) {
    let map = name.hasSuffix(".weight") ? String(name.dropLast(".weight".count)) : name
    return (map + downSuffix, map + upSuffix)
  }

  /// W + (α / r) B A, summed in Double.
  ///
  /// - Parameters:
  ///   - weight: W, `[out, in]`.
  ///   - down: A, `[r, in]`.
  ///   - up: B, `[out, r]`.
  ///   - rank: r.
  ///   - scale: α / r.
  package static func merged(
    _ weight: [Float], down: [Float], up: [Float], rank: Int, scale: Float
  ) -> [Float] {
    let (outputs, inputs) = (up.count / rank, down.count / rank)
    precondition(
      weight.count == outputs * inputs, "merged: \(weight.count), \(outputs) x \(inputs)")
    var result = weight
    for output in 0..<outputs {
      for input in 0..<inputs {
        let product = (0..<rank).reduce(0.0) {
          $0 + Double(up[output * rank + $1]) * Double(down[$1 * inputs + input])
        }
        let place = output * inputs + input
        result[place] = Float(Double(weight[place]) + Double(scale) * product)
      }
    }
    return result
  }
}
