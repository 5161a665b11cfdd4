import ClseqRuntime

extension Tape {
  /// Weighted sums over the last events, with the same weights for every channel:
  /// `y[n, f D + c] = Σ_l weights[f, l] x[n − (w − 1) + l, c]`, where events before the start of
  /// the sequence are 0.
  ///
  /// Source: the vertical convolution of Tang and Wang, "Personalized top-N sequential
  /// recommendation via convolutional sequence embedding" (Caser), WSDM 2018, equation 7.
  ///
  /// - Parameters:
  ///   - x: `[N, D]`.
  ///   - weights: `[F, w]`, the oldest event first.
  ///   - times: position of each event in its sequence, from 0 and without a gap, `[N]`.
  /// - Returns: `[N, F D]`.
  /// - Throws: `OpenCLError` when memory runs out or a launch fails.
  public func causalWindowSum(_ x: Tensor, weights: Parameter, times: Indices) throws -> Tensor {
    precondition(weights.shape.count == 2, "causalWindowSum: weights \(weights.shape)")
    checkWindow("causalWindowSum", x, times, weights.shape[1])
    let y = try backend.empty([x.shape[0], weights.shape[0] * x.shape[1]])
    try backend.causalWindowSum(x, weights, times, into: y)
    record { tape in
      guard let dy = tape.takeGradient(of: y) else { return }
      let dx = try tape.gradientSlot(of: x)
      try tape.backend.causalWindowSumBackward(dy, x, weights, times, dx)
    }
    return y
  }
}

extension Backend {
  fileprivate func causalWindowSum(
    _ x: Tensor, _ weights: Parameter, _ times: Indices, into y: Tensor
  ) throws {
    let (n, d) = (x.shape[0], x.shape[1])
    let (filters, width) = (weights.shape[0], weights.shape[1])
    if isReference {
      CausalWindowSumReference.forward(
        x.floats, weights: weights.value.floats, times: times.values, y.floats, channels: d,
        width: width)
      return
    }
    try launch(
      "causal_window_sum", in: "causal_window_sum", tuning.rowGrid(n),
      cost: KernelCost(flops: 2 * Double(y.count * width), bytes: Double(4 * (x.count + y.count))),
      x, weights.value, times, y, Int32(n), Int32(d), Int32(filters), Int32(width))
  }

  fileprivate func causalWindowSumBackward(
    _ dy: Tensor, _ x: Tensor, _ weights: Parameter, _ times: Indices, _ dx: Tape.GradientSlot
  ) throws {
    let (n, d) = (x.shape[0], x.shape[1])
    let (filters, width) = (weights.shape[0], weights.shape[1])
    if isReference {
      let dweights = try gradient(of: weights)
      withExtendedLifetime(dweights) {
        CausalWindowSumReference.backward(
          dy: dy.floats, x: x.floats, weights: weights.value.floats, times: times.values,
          base: dx.addend?.floats, dx: dx.out.floats, dweights: dweights.floats, channels: d,
          width: width)
      }
      return
    }
    let cost = KernelCost(
      flops: 2 * Double(dy.count * width), bytes: Double(4 * (x.count + dy.count)))
    try launch(
      "causal_window_sum_backward", in: "causal_window_sum", tuning.rowGrid(n), cost: cost, dy,
      weights.value, times, dx, Int32(n), Int32(d), Int32(filters),
      Int32(width))
    if !weights.isTrained { return }
    let blocks = 32  // BLOCKS in the source
    let partial = try empty([blocks, weights.count])
    try launch(
      "causal_window_sum_weights", in: "causal_window_sum",
      Grid(
        groups: (weights.count, blocks, 1), size: (tuning == .gpu ? 256 : 1, 1, 1)),
      cost: cost, dy, x, times, partial, Int32(n), Int32(d), Int32(filters), Int32(width))
    try launch(
      "causal_window_sum_reduce", in: "causal_window_sum",
      Grid(groups: (weights.count + 63) / 64, size: 64), partial, weights.gradient,
      Int32(weights.count))
  }
}
