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
    let mask = DropoutMask(key: key, rate: rate, times: events.times, sequences: events.sequences)
    let y = try backend.empty(x.shape)
    try backend.applyDropout(mask, x, base: nil, into: y)
    record { tape in
      guard let dy = tape.takeGradient(of: y) else { return }
      try tape.dropoutBackward(mask, dy: dy, x: x)
    }
    return y
  }

  /// `residual + dropout(x)` in one pass.
  ///
  /// - Parameters: as of `dropout(_:rate:layer:events:)`; `residual` is `[N, D]` as well.
  /// - Throws: `OpenCLError` when memory runs out or a launch fails.
  public func residualDropout(
    _ x: Tensor, onto residual: Tensor, rate: DropoutRate, layer: String, events: EventIndices
  ) throws -> Tensor {
    guard let key = randomKey(layer), rate.threshold > 0 else { return try add(residual, x) }
    precondition(
      x.shape == residual.shape, "residualDropout: x \(x.shape), residual \(residual.shape)")
    let mask = DropoutMask(key: key, rate: rate, times: events.times, sequences: events.sequences)
    let y = try backend.empty(x.shape)
    try backend.applyDropout(mask, x, base: residual, into: y)
    record { tape in
      guard let dy = tape.takeGradient(of: y) else { return }
      try tape.dropoutBackward(mask, dy: dy, x: x)
      try tape.passGradient(dy, to: residual)
    }
    return y
  }

  private func dropoutBackward(_ mask: DropoutMask, dy: Tensor, x: Tensor) throws {
    let dx = try gradientSlot(of: x)
    try backend.applyDropout(mask, dy, base: dx.hasBase != 0 ? dx.base : nil, into: dx.out)
  }
}

/// Everything that determines which values of `[N, D]` are dropped.
struct DropoutMask {
  let key: LayerKey
  let rate: DropoutRate
  /// Position of each row in its sequence, `[N]`.
  let times: Indices
  /// Index of each row's sequence in the dataset, `[N]`.
  let sequences: Indices
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
        cost: KernelCost(bytes: Double((base == nil ? 8 : 12) * n * d)), x, mask.times,
        mask.sequences, base ?? x, Int32(base == nil ? 0 : 1), out, Int32(n), Int32(d),
        mask.key.key[0], mask.key.key[1], mask.key.epoch, mask.rate.threshold, mask.rate.scale)
    }
  }
}
