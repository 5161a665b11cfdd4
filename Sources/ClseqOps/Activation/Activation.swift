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
    let kept = isTraining ? try keptArray(of: function, result: y) : nil
    if backend.isReference {
      ActivationReference.forward(function, x.floats, y.floats, keeping: kept?.floats)
    } else {
      let (grid, count) = (backend.tuning.elementGrid(x.count), Int32(x.count))
      switch function {
      case .gelu:
        try backend.launch(
          "gelu_forward", in: "activation", after: ["gelu"], grid,
          cost: KernelCost(bytes: Double((kept == nil ? 8 : 12) * x.count)), x, y, kept ?? y,
          Int32(kept == nil ? 0 : 1), count)
      case .relu:
        try backend.launch(
          "relu_forward", in: "activation", after: ["gelu"], grid,
          cost: KernelCost(bytes: Double(8 * x.count)), x,
          y, count)
      }
    }
    record { tape in
      guard let kept, let dy = tape.takeGradient(of: y) else { return }
      try tape.activationBackward(function, dy: dy, kept: kept, to: x)
    }
    return y
  }

  /// What the backward pass of an activation is computed from: GELU's derivative, in an array of
  /// its own; the result of ReLU, which is positive where its derivative is 1.
  func keptArray(of function: Activation, result y: Tensor) throws -> Tensor {
    switch function {
    case .gelu: try backend.empty(y.shape)
    case .relu: backend.reshaped(y, y.shape)
    }
  }

  /// Adds `dy f'(x)` to the gradient of `x`.
  func activationBackward(_ function: Activation, dy: Tensor, kept: Tensor, to x: Tensor) throws {
    let dx = try gradientSlot(of: x)
    if backend.isReference {
      ActivationReference.backward(
        function, dy: dy.floats, kept: kept.floats,
        base: dx.hasBase != 0 ? dx.base.floats : nil, dx: dx.out.floats)
    } else {
      let count = x.count
      try backend.launch(
        "\(function.rawValue)_backward", in: "activation", after: ["gelu"],
        backend.tuning.elementGrid(count),
        cost: KernelCost(bytes: Double(12 * count)), dy, kept, dx.base, dx.hasBase, dx.out,
        Int32(count))
    }
  }
}
