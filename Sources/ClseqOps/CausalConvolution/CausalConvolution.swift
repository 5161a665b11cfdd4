import ClseqRuntime

/// The weights of a convolution over the last events, each channel by itself.
public struct ConvolutionWeights {
  /// `[W, D]`, that of the event itself first: PyTorch's `Conv1d(D, D, W, groups: D)` has them as `[D, 1, W]` with that of
  /// the event itself last.
  public let weight: Parameter
  /// `[D]`.
  public let bias: Parameter

  /// Groups the parameters, whose shapes must agree.
  public init(weight: Parameter, bias: Parameter) {
    precondition(
      weight.shape.count == 2 && bias.shape == [weight.shape[1]],
      "ConvolutionWeights: weight \(weight.shape), bias \(bias.shape)")
    (self.weight, self.bias) = (weight, bias)
  }

  /// W, events per window.
  public var width: Int { weight.shape[0] }
  /// D.
  public var channelCount: Int { weight.shape[1] }
}

extension Tape {
  /// A convolution over the last events of a sequence, each channel by itself:
  /// `y[n, c] = bias[c] + Σ_k weight[k, c] x[n − k, c]`, where events before the start of the sequence are 0.
  ///
  /// - Parameters:
  ///   - x: `[N, D]`.
  ///   - weights: of W events and D channels.
  ///   - times: position of each event in its sequence, from 0 and without a gap, `[N]`.
  /// - Returns: `[N, D]`.
  /// - Throws: `OpenCLError` when memory runs out or a launch fails.
  public func causalConvolution(
    _ x: Tensor, _ weights: ConvolutionWeights, times: Indices
  ) throws -> Tensor {
    let y = try backend.convolution(x, weights, times: times, spacing: 1)
    record(y) { [kept = try kept(x), x = x.identity] tape, dy in
      try tape.backend.backward(
        dy, try tape.restored(kept), weights, times: times, dx: try tape.gradientSlot(of: x))
    }
    return y
  }

  /// One more event of each sequence, in inference.
  ///
  /// - Parameters:
  ///   - x: the events, `[R, D]`.
  ///   - window: the W − 1 events before each, zeros where there are none, oldest first, `[R, (W − 1) D]`.
  ///   - weights: of W events and D channels.
  ///   - times: position of each event in its sequence, `[R]`.
  /// - Returns: y, `[R, D]`, and the window of the next events.
  /// - Throws: `OpenCLError` when memory runs out or a launch fails.
  public func causalConvolution(
    _ x: Tensor, after window: Tensor, _ weights: ConvolutionWeights, times: Indices
  ) throws -> (output: Tensor, window: Tensor) {
    let (count, channels, width) = (x.shape[0], weights.channelCount, weights.width)
    precondition(
      !isTraining && window.shape == [count, (width - 1) * channels],
      "causalConvolution: window \(window.shape) of \(count) events")
    let whole = try concat([window, x])
    let next = try backend.empty(window.shape)
    try backend.copyColumns(of: whole, at: channels, into: next, at: 0, width: window.shape[1])
    let rows = backend.reshaped(whole, [count * width, channels])
    return (try backend.convolution(rows, weights, times: times, spacing: width), next)
  }

  /// The last W − 1 events of each sequence, as the next event of each needs them, in inference.
  ///
  /// - Parameters:
  ///   - x: `[N, D]`.
  ///   - weights: of W events, at least 2, and D channels.
  ///   - times: position of each event in its sequence, from 0 and without a gap, `[N]`.
  ///   - shape: the B sequences.
  /// - Returns: `[B, (W − 1) D]`.
  /// - Throws: `OpenCLError` when memory runs out or a launch fails.
  public func lastWindow(
    of x: Tensor, _ weights: ConvolutionWeights, times: Indices, shape: RaggedShape
  ) throws -> Tensor {
    try backend.lastRows(
      try causalWindow(x, times: times, width: weights.width - 1), initial: nil,
      offsets: shape.offsets)
  }
}

extension Backend {
  fileprivate func convolution(
    _ x: Tensor, _ weights: ConvolutionWeights, times: Indices, spacing: Int
  ) throws -> Tensor {
    let (n, channels) = (times.count, weights.channelCount)
    precondition(
      x.shape == [n * spacing, channels],
      "causalConvolution: x \(x.shape), \(n) times, \(channels) channels")
    let y = try empty([n, channels])
    if isReference {
      CausalConvolutionReference.forward(
        x.floats, weights: weights.weight.value.floats, bias: weights.bias.value.floats, y.floats,
        times: times.values, spacing: spacing)
    } else if n > 0 {
      try launch(
        "causal_convolution", in: "causal_convolution", tuning.rowGrid(n),
        cost: weights.cost(n, arrays: 2), x, weights.weight.value, weights.bias.value, y, times,
        Int32(n), Int32(channels), Int32(weights.width), Int32(spacing))
    }
    return y
  }

  fileprivate func backward(
    _ dy: Tensor, _ x: Tensor, _ weights: ConvolutionWeights, times: Indices,
    dx: Tape.GradientSlot
  ) throws {
    let (n, channels, width) = (times.count, weights.channelCount, weights.width)
    let (weight, bias) = (weights.weight, weights.bias)
    if isReference {
      let gradients = (try gradient(of: weight), try gradient(of: bias))
      return withExtendedLifetime(gradients) {
        CausalConvolutionReference.backward(
          dy: dy.floats, x.floats, weights: weight.value.floats, base: dx.addend?.floats,
          dx: dx.out.floats, dweights: gradients.0.floats, dbias: gradients.1.floats,
          times: times.values)
      }
    }
    if n == 0 { return }
    let grid = tuning.rowGrid(n)
    try launch(
      "causal_convolution_backward", in: "causal_convolution", grid,
      cost: weights.cost(n, arrays: 2), dy, weight.value, dx, times, Int32(n), Int32(channels),
      Int32(width))
    if weight.isTrained {
      let terms = try empty([grid.groups.0, width * channels])
      try launch(
        "causal_convolution_weights", in: "causal_convolution", grid,
        cost: weights.cost(n, arrays: 2), dy, x, terms, times, Int32(n), Int32(channels),
        Int32(width))
      try addColumnSums(of: terms, to: weight.gradient)
    }
    if bias.isTrained { try addColumnSums(of: dy, to: bias.gradient) }
  }
}

extension ConvolutionWeights {
  fileprivate func cost(_ n: Int, arrays: Int) -> KernelCost {
    KernelCost(
      flops: Double(2 * n * weight.count), bytes: Double(4 * arrays * n * channelCount))
  }
}
