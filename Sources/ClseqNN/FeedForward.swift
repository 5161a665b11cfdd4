public import ClseqOps

/// Two affine maps with an activation between them, applied to every row.
public struct FeedForward {
  /// `[F, inputs]`.
  public let up: Linear
  /// `[outputs, F]`.
  public let down: Linear
  private let activation: Activation

  /// Declares `NAME.up` and `NAME.down`.
  public init(
    _ name: String, inputs: Int, innerWidth: Int, outputs: Int, activation: Activation,
    adaptation: LowRankAdaptation? = nil, in store: ParameterStore
  ) {
    up = Linear(
      name + ".up", inputs: inputs, outputs: innerWidth, adaptation: adaptation, in: store)
    down = Linear(
      name + ".down", inputs: innerWidth, outputs: outputs, adaptation: adaptation, in: store)
    self.activation = activation
  }

  /// - Parameters:
  ///   - x: `[N, inputs]`.
  ///   - tape: The tape.
  /// - Returns: `[N, outputs]`.
  public func callAsFunction(_ x: Tensor, on tape: Tape) throws -> Tensor {
    try down(try up(x, activation: activation, on: tape), on: tape)
  }
}
