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
    try windowSums(
      x, CausalWindow(x, times, width, dilation, lag: lag), filters: width, weights: nil)
  }

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
    return try windowSums(
      x, CausalWindow(x, times, weights.shape[1]), filters: weights.shape[0], weights: weights)
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
    let window = CausalWindow(x, times, width)
    let y = try backend.empty(x.shape)
    let lags = isTraining ? try backend.empty(x.shape) : nil
    if backend.isReference {
      CausalWindowReference.maximum(x.floats, y.floats, lags: lags?.floats, window.reference)
    } else {
      try backend.launchRows(
        "causal_window_max", window, floats: 3 * x.count, x, y, lags ?? y,
        Int32(lags == nil ? 0 : 1), window)
    }
    guard let lags else { return y }
    record(y) { [x = x.identity] tape, dy in
      let dx = try tape.gradientSlot(of: x)
      if tape.backend.isReference {
        CausalWindowReference.maximumBackward(
          dy: dy.floats, lags: lags.floats, base: dx.addend?.floats, dx: dx.out.floats,
          window.reference)
      } else {
        try tape.backend.launchRows(
          "causal_window_max_backward", window, floats: 3 * dy.count, dy, lags, dx, window)
      }
    }
    return y
  }

  /// Sums of the events of a window, or without weights the events themselves.
  private func windowSums(
    _ x: Tensor, _ window: CausalWindow, filters: Int, weights: Parameter?
  ) throws -> Tensor {
    let y = try backend.empty([x.shape[0], filters * x.shape[1]])
    let hasWeights = Int32(weights == nil ? 0 : 1)
    if backend.isReference {
      CausalWindowReference.sums(
        x.floats, weights: weights?.value.floats, y.floats, window.reference)
    } else {
      try backend.launchRows(
        "causal_window", window, floats: x.count + y.count, x, weights?.value ?? x, hasWeights, y,
        Int32(filters), window, window.shifts)
    }
    record(y) { [x = weights == nil ? x.identity : try kept(x)] tape, dy in
      let (backend, dx) = (tape.backend, try tape.gradientSlot(of: x))
      if backend.isReference {
        let dweights = try weights.map(backend.gradient)
        let x = weights == nil ? dx.out : try tape.restored(x)
        withExtendedLifetime((dweights, x)) {
          CausalWindowReference.sumsBackward(
            dy: dy.floats, x: x.floats, weights: weights?.value.floats, base: dx.addend?.floats,
            dx: dx.out.floats, dweights: dweights?.floats, window.reference)
        }
        return
      }
      try backend.launchRows(
        "causal_window_backward", window, floats: x.count + dy.count, dy, weights?.value ?? dy,
        hasWeights, dx, Int32(filters), window, window.shifts)
      guard let weights, weights.isTrained else { return }
      let terms = try backend.empty([x.shape[0], weights.count])
      try backend.launchRows(
        "causal_window_weights", window, floats: x.count + dy.count, dy,
        try tape.restored(x), terms, Int32(filters), window, window.shifts)
      try backend.addColumnSums(of: terms, to: weights.gradient)
    }
    return y
  }
}

/// The windows that end at each row of an `[N, D]`: to a kernel four arguments, `times`, `n`, `d` and
/// `width`.
private struct CausalWindow: KernelArgument {
  let times: Indices
  let channels: Int
  let width: Int
  let shifts: Shifts

  /// The distance of neighbouring events, and that of the last one from the row.
  struct Shifts: KernelArgument {
    let dilation: Int
    let lag: Int

    func add(to arguments: inout KernelArguments) { arguments.add(Int32(dilation), Int32(lag)) }
  }

  init(_ x: Tensor, _ times: Indices, _ width: Int, _ dilation: Int = 1, lag: Int = 0) {
    precondition(
      x.shape.count == 2 && times.count == x.shape[0] && width > 0 && dilation > 0 && lag >= 0,
      "causalWindow: x \(x.shape), \(times.count) times, width \(width), dilation \(dilation), "
        + "lag \(lag)")
    (self.times, channels, self.width) = (times, x.shape[1], width)
    shifts = Shifts(dilation: dilation, lag: lag)
  }

  var reference: CausalWindowReference.Window {
    CausalWindowReference.Window(
      times: times.values, channels: channels, width: width, dilation: shifts.dilation,
      lag: shifts.lag)
  }

  func add(to arguments: inout KernelArguments) {
    arguments.add(times, Int32(times.count), Int32(channels), Int32(width))
  }
}

extension Backend {
  fileprivate func launchRows<each A: KernelArgument>(
    _ kernel: StaticString, _ window: CausalWindow, floats: Int, _ arguments: repeat each A
  ) throws {
    try launch(
      kernel, in: "causal_window", tuning.rowGrid(window.times.count),
      cost: KernelCost(bytes: Double(4 * floats)), repeat each arguments)
  }
}
