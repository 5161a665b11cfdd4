import ClseqRuntime

extension Tape {
  /// The rows of the last events side by side, oldest first: `y[n]` holds
  /// `x[n − l − (w − 1) r], …, x[n − l − r], x[n − l]` for a width w, a dilation r and a lag l, with
  /// zeros for events before the start of the sequence.
  ///
  /// A linear layer over it is a causal convolution, whose weights of shape `[O, w D]` hold the
  /// channels of a tap side by side.
  ///
  /// - Parameters:
  ///   - x: `[N, D]`.
  ///   - times: position of each event in its sequence, from 0 and without a gap, `[N]`.
  ///   - width: events per window, at least 1.
  ///   - dilation: distance between neighbouring events of a window, at least 1.
  ///   - lag: distance of the window's last event from n; 1 leaves out the event itself.
  /// - Returns: `[N, w D]`.
  /// - Throws: `OpenCLError` when memory runs out or a launch fails.
  public func causalWindow(
    _ x: Tensor, times: Indices, width: Int, dilation: Int = 1, lag: Int = 0
  ) throws -> Tensor {
    checkWindow("causalWindow", x, times, width)
    precondition(dilation > 0 && lag >= 0, "causalWindow: dilation \(dilation), lag \(lag)")
    let y = try backend.empty([x.shape[0], width * x.shape[1]])
    try backend.causalWindow(x, times, into: y, width: width, dilation: dilation, lag: lag)
    record { tape in
      guard let dy = tape.takeGradient(of: y) else { return }
      let dx = try tape.gradientSlot(of: x)
      try tape.backend.causalWindowBackward(
        dy, times, dx, width: width, dilation: dilation, lag: lag)
    }
    return y
  }

  /// The maximum of each channel over the last events: `y[n, c] = max x[n − k, c]` over k < width
  /// inside the sequence. The gradient goes to the first event that has the maximum.
  ///
  /// - Parameters:
  ///   - x: `[N, D]`.
  ///   - times: position of each event in its sequence, from 0 and without a gap, `[N]`.
  ///   - width: at least 1; with the length of the longest sequence it is a running maximum.
  /// - Returns: `[N, D]`.
  /// - Throws: `OpenCLError` when memory runs out or a launch fails.
  public func causalWindowMax(_ x: Tensor, times: Indices, width: Int) throws -> Tensor {
    checkWindow("causalWindowMax", x, times, width)
    let y = try backend.empty(x.shape)
    let lags = isTraining ? try backend.empty(x.shape) : nil
    try backend.causalWindowMax(x, times, into: y, lags: lags, width: width)
    record { tape in
      guard let lags, let dy = tape.takeGradient(of: y) else { return }
      let dx = try tape.gradientSlot(of: x)
      try tape.backend.causalWindowMaxBackward(dy, lags: lags, times, dx, width: width)
    }
    return y
  }

  func checkWindow(_ op: String, _ x: Tensor, _ times: Indices, _ width: Int) {
    precondition(
      x.shape.count == 2 && times.count == x.shape[0] && width > 0,
      "\(op): x \(x.shape), \(times.count) times, width \(width)")
  }
}

extension Backend {
  fileprivate func causalWindow(
    _ x: Tensor, _ times: Indices, into y: Tensor, width: Int, dilation: Int, lag: Int
  ) throws {
    let (n, d) = (x.shape[0], x.shape[1])
    if isReference {
      CausalWindowReference.forward(
        x.floats, times: times.values, y.floats, channels: d, width: width, dilation: dilation,
        lag: lag)
      return
    }
    try launch(
      "causal_window", in: "causal_window", tuning.rowGrid(n),
      cost: KernelCost(bytes: Double(4 * (x.count + y.count))), x, times, y, Int32(n), Int32(d),
      Int32(width), Int32(dilation), Int32(lag))
  }

  fileprivate func causalWindowBackward(
    _ dy: Tensor, _ times: Indices, _ dx: Tape.GradientSlot, width: Int, dilation: Int, lag: Int
  ) throws {
    let (n, d) = (dx.out.shape[0], dx.out.shape[1])
    if isReference {
      CausalWindowReference.backward(
        dy: dy.floats, times: times.values, base: dx.addend?.floats, dx: dx.out.floats,
        channels: d, width: width, dilation: dilation, lag: lag)
      return
    }
    try launch(
      "causal_window_backward", in: "causal_window", tuning.rowGrid(n),
      cost: KernelCost(bytes: Double(4 * (dx.out.count + dy.count))), dy, times, dx, Int32(n),
      Int32(d), Int32(width), Int32(dilation), Int32(lag))
  }

  fileprivate func causalWindowMax(
    _ x: Tensor, _ times: Indices, into y: Tensor, lags: Tensor?, width: Int
  ) throws {
    let (n, d) = (x.shape[0], x.shape[1])
    if isReference {
      CausalWindowReference.maximum(
        x.floats, times: times.values, y.floats, lags: lags?.floats, channels: d, width: width)
      return
    }
    try launch(
      "causal_window_max", in: "causal_window", tuning.rowGrid(n),
      cost: KernelCost(bytes: Double(12 * x.count)), x, times, y, lags ?? y,
      Int32(lags == nil ? 0 : 1), Int32(n), Int32(d), Int32(width))
  }

  fileprivate func causalWindowMaxBackward(
    _ dy: Tensor, lags: Tensor, _ times: Indices, _ dx: Tape.GradientSlot, width: Int
  ) throws {
    let (n, d) = (dy.shape[0], dy.shape[1])
    if isReference {
      CausalWindowReference.maximumBackward(
        dy: dy.floats, lags: lags.floats, times: times.values, base: dx.addend?.floats,
        dx: dx.out.floats, channels: d, width: width)
      return
    }
    try launch(
      "causal_window_max_backward", in: "causal_window", tuning.rowGrid(n),
      cost: KernelCost(bytes: Double(12 * dy.count)), dy, lags, times, dx,
      Int32(n), Int32(d), Int32(width))
  }
}
