import ClseqRuntime

/// A function of single values between two linear layers.
public enum Activation: String, CaseIterable, Sendable {
  /// x Φ(x) with the exact normal distribution function Φ (Hendrycks and Gimpel 2016).
  case gelu
  /// max(x, 0).
  case relu
}

extension Tape {
  /// Applies an activation to every value of a tensor of any shape.
  ///
  /// - Throws: `OpenCLError` when memory runs out or a launch fails.
  public func activation(_ function: Activation, _ x: Tensor) throws -> Tensor {
    let y = try backend.empty(x.shape)
    if backend.isReference {
      ActivationReference.forward(function, x.floats, y.floats)
    } else {
      let count = x.count
      try backend.launch(
        "\(function.rawValue)_forward", in: "elementwise", backend.tuning.elementGrid(count),
        cost: KernelCost(bytes: Double(8 * count)), x, y, Int32(count))
    }
    record { tape in
      guard let dy = tape.takeGradient(of: y) else { return }
      try tape.activationBackward(function, dy: dy, x: x)
    }
    return y
  }

  /// Adds `dy f'(x)` to the gradient of `x`.
  func activationBackward(_ function: Activation, dy: Tensor, x: Tensor) throws {
    let dx = try gradientSlot(of: x)
    if backend.isReference {
      ActivationReference.backward(
        function, dy: dy.floats, x: x.floats, base: dx.hasBase != 0 ? dx.base.floats : nil,
        dx: dx.out.floats)
    } else {
      let count = x.count
      try backend.launch(
        "\(function.rawValue)_backward", in: "elementwise", backend.tuning.elementGrid(count),
        cost: KernelCost(bytes: Double(12 * count)), dy, x, dx.base, dx.hasBase, dx.out,
        Int32(count))
    }
  }
}
