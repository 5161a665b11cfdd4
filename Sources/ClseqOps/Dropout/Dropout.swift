import ClseqRuntime

extension Tape {
  /// Dropout (Srivastava and others 2014): in training each value is kept with probability 1 − p
  /// and multiplied by 1 / (1 − p); in inference nothing happens.
  ///
  /// Whether a value is dropped depends on seed, layer, epoch, sequence, time and channel alone.
  ///
  /// - Parameters:
  ///   - x: `[N, D]`.
  ///   - rate: The probability of dropout.
  ///   - layer: name of the layer; no two dropouts of a model may share it.
  ///   - events: times and sequences of the N rows.
  /// - Throws: `OpenCLError` when memory runs out or a launch fails.
  public func dropout(
    _ x: Tensor, rate: DropoutRate, layer: String, events: EventIndices
  ) throws -> Tensor {
    guard let key = randomKey(layer), rate.threshold > 0 else { return x }
    let mask = DropoutMask(key: key, rate: rate, events)
    let y = try backend.empty(x.shape)
    try backend.applyDropout(mask, x, base: nil, into: y)
    record(y) { [x = x.identity] tape, dy in
      let dx = try tape.gradientSlot(of: x)
      try tape.backend.applyDropout(mask, dy, base: dx.addend, into: dx.out)
    }
    return y
  }
}

/// Everything that determines which values of `[N, D]` are dropped: none without a key.
struct DropoutMask: KernelArgument {
  let key: LayerKey?
  let rate: DropoutRate
  /// Position of each row in its sequence, `[N]`.
  let times: Indices
  /// Index of each row's sequence in the dataset, `[N]`.
  let sequences: Indices

  init(key: LayerKey?, rate: DropoutRate, _ events: EventIndices) {
    (self.key, self.rate) = (rate.threshold > 0 ? key : nil, rate)
    (times, sequences) = (events.times, events.sequences)
  }

  func add(to arguments: inout KernelArguments) {
    arguments.add(times, sequences, key?.key[0] ?? 0, key?.key[1] ?? 0, key?.epoch ?? 0)
    arguments.add(key == nil ? 0 : rate.threshold, key == nil ? 1 : rate.scale)
  }
}

/// A mask, or arguments in its place that keep all values.
struct OptionalDropout: KernelArgument {
  let mask: DropoutMask?
  let unused: Tensor

  init(_ mask: DropoutMask?, unused: Tensor) { (self.mask, self.unused) = (mask, unused) }

  func add(to arguments: inout KernelArguments) {
    if let mask {
      arguments.add(mask)
    } else {
      arguments.add(unused, unused, UInt32(0), UInt32(0), UInt32(0), UInt32(0), Float(1))
    }
  }
}

extension Backend {
  /// `out = base + x * factors`, where the factors are 0 or 1 / (1 − p); `out` may be `base` or
  /// `x`.
  func applyDropout(_ mask: DropoutMask, _ x: Tensor, base: Tensor?, into out: Tensor) throws {
    precondition(
      x.shape.count == 2 && x.shape == out.shape && mask.times.count == x.shape[0]
        && mask.sequences.count == x.shape[0],
      "dropout: x \(x.shape), \(mask.times.count) times, \(mask.sequences.count) sequences")
    if isReference {
      DropoutReference.apply(
        x.floats, base: base?.floats, y: out.floats, times: mask.times.values,
        sequences: mask.sequences.values, key: mask.key, rate: mask.rate)
    } else {
      let (n, d) = (x.shape[0], x.shape[1])
      try launch(
        "dropout_apply", in: "elementwise", tuning.rowGrid(n),
        cost: KernelCost(bytes: Double((base == nil ? 8 : 12) * n * d)), x, mask,
        base ?? x, Int32(base == nil ? 0 : 1), out, Int32(n), Int32(d))
    }
  }
}
