import ClseqRuntime

/// A function of single values, as an op of its own or after a linear layer.
public enum Activation: String, CaseIterable, Sendable {
  /// x Φ(x) with the exact normal distribution function Φ (Hendrycks and Gimpel 2016).
  case gelu
  /// max(x, 0).
  case relu
  /// 1 / (1 + e⁻ˣ).
  case sigmoid
  /// The hyperbolic tangent.
  case tanh

  /// Whether products of matrices can apply it to their sums; the others take a launch of their
  /// own.
  var isFused: Bool {
    switch self {
    case .gelu, .relu: true
    case .sigmoid, .tanh: false
    }
  }
}

extension Tape {
  /// Applies an activation to every value of a tensor of any shape.
  ///
  /// - Throws: `OpenCLError` when memory runs out or a launch fails.
  public func activation(_ function: Activation, _ x: Tensor) throws -> Tensor {
    let y = try backend.empty(x.shape)
    try activation(function, x, into: y)
    return y
  }

  /// `y = f(x)`; `y` may be the memory of `x` under another identity, if nothing else reads `x`.
  func activation(_ function: Activation, _ x: Tensor, into y: Tensor) throws {
    let kept = isTraining ? try keptArray(of: function, result: y) : nil
    if backend.isReference {
      ActivationReference.forward(function, x.floats, y.floats, keeping: kept?.floats)
    } else {
      let (grid, count) = (backend.tuning.elementGrid(x.count), Int32(x.count))
      switch function {
      case .gelu:
        try backend.launch(
          "gelu_forward", in: "activation", after: activationSources, grid,
          cost: KernelCost(bytes: Double((kept == nil ? 8 : 12) * x.count)), x, y, kept ?? y,
          Int32(kept == nil ? 0 : 1), count)
      case .relu, .sigmoid, .tanh:
        try backend.launch(
          function.kernels.forward, in: "activation", after: activationSources, grid,
          cost: KernelCost(bytes: Double(8 * x.count)), x, y, count)
      }
    }
    guard let kept = try kept.map(self.kept) else { return }
    record(y) { [x = x.identity] tape, dy in
      try tape.activationBackward(function, dy: dy, kept: kept, to: x)
    }
  }

  private var activationSources: [StaticString] { ["gelu", "sigmoid"] }

  /// The array that is kept for the backward pass of an activation: for GELU its derivative, in a
  /// new array; for the others the result, of which their derivatives are functions.
  func keptArray(of function: Activation, result y: Tensor) throws -> Tensor {
    switch function {
    case .gelu: try backend.empty(y.shape)
    case .relu, .sigmoid, .tanh: backend.reshaped(y, y.shape)
    }
  }

  /// Adds `dy f'(x)` to the gradient of `x`.
  func activationBackward(_ function: Activation, dy: Tensor, kept: Tensor, to x: Tensor) throws {
    let (dx, kept) = (try gradientSlot(of: x), try restored(kept))
    if backend.isReference {
      ActivationReference.backward(
        function, dy: dy.floats, kept: kept.floats, base: dx.addend?.floats, dx: dx.out.floats)
    } else {
      let count = x.count
      try backend.launch(
        function.kernels.backward, in: "activation", after: activationSources,
        backend.tuning.elementGrid(count),
        cost: KernelCost(bytes: Double(12 * count)), dy, kept, dx, Int32(count))
    }
  }
}

extension Activation {
  /// Their names in `activation.cl`.
  fileprivate var kernels: (forward: StaticString, backward: StaticString) {
    switch self {
    case .gelu: ("gelu_forward", "gelu_backward")
    case .relu: ("relu_forward", "relu_backward")
    case .sigmoid: ("sigmoid_forward", "sigmoid_backward")
    case .tanh: ("tanh_forward", "tanh_backward")
    }
  }
}
