public import ClseqOps

/// Two affine maps with an activation between them, applied to every row.
public struct FeedForward {
  /// `[F, D]`.
  public let up: Linear
  /// `[D, F]`.
  public let down: Linear
  private let activation: Activation

  /// Declares `NAME.up` and `NAME.down`.
  public init(
    _ name: String, width: Int, innerWidth: Int, activation: Activation, in store: ParameterStore
  ) {
    up = Linear(name + ".up", inputs: width, outputs: innerWidth, in: store)
    down = Linear(name + ".down", inputs: innerWidth, outputs: width, in: store)
    self.activation = activation
  }

  /// - Parameter x: `[N, D]`.
  public func callAsFunction(_ x: Tensor, on tape: Tape) throws -> Tensor {
    try down(try up(x, activation: activation, on: tape), on: tape)
  }
}
