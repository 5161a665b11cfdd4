import ClseqRuntime

extension Tape {
  /// Layer normalisation (Ba, Kiros, Hinton 2016) of each row, then `weight` and `bias` by channel.
  ///
  /// - Parameters:
  ///   - x: `[N, D]`.
  ///   - weight: `[D]`.
  ///   - bias: `[D]`.
  ///   - epsilon: The number that is added to the variance.
  /// - Throws: `OpenCLError` when memory runs out or a launch fails.
  public func layerNorm(
    _ x: Tensor, weight: Parameter, bias: Parameter, epsilon: Float = 1e-5
  ) throws -> Tensor {
    precondition(
      x.shape.count == 2 && weight.shape == [x.shape[1]] && bias.shape == [x.shape[1]],
      "layerNorm: x \(x.shape), weight \(weight.shape), bias \(bias.shape)")
    let (n, d) = (x.shape[0], x.shape[1])
    let y = try backend.empty(x.shape)
    let mean = try backend.empty([n])
    let rstd = try backend.empty([n])
    if backend.isReference {
      LayerNormReference.forward(
        x: x.floats, weight: weight.value.floats, bias: bias.value.floats, y: y.floats,
        mean: mean.floats, rstd: rstd.floats, epsilon: epsilon)
    } else {
      try backend.launch(
        "layer_norm_forward", in: "layer_norm", LayerNormGrid.rows(n, backend.tuning),
        cost: KernelCost(bytes: Double(8 * n * d)), x, weight.value, bias.value, y, mean, rstd,
        Int32(n), Int32(d), epsilon)
    }
    record { tape in
      guard let dy = tape.takeGradient(of: y) else { return }
      let dx = try tape.gradientSlot(of: x)
      if tape.backend.isReference {
        LayerNormReference.backward(
          dy: dy.floats, x: x.floats, weight: weight.value.floats, mean: mean.floats,
          rstd: rstd.floats, base: dx.hasBase != 0 ? dx.base.floats : nil, dx: dx.out.floats,
          dweight: weight.gradient.floats, dbias: bias.gradient.floats)
      } else {
        try tape.backend.layerNormBackward(
          dy: dy, x: x, weight: weight, bias: bias, mean: mean, rstd: rstd, dx: dx)
      }
    }
    return y
  }
}

extension Backend {
  fileprivate func layerNormBackward(
    dy: Tensor, x: Tensor, weight: Parameter, bias: Parameter, mean: Tensor, rstd: Tensor,
    dx: Tape.GradientSlot
  ) throws {
    let (n, d) = (x.shape[0], x.shape[1])
    let partial = try empty([LayerNormGrid.blocks, 2, d])
    let grid: Grid
    switch tuning {
    case .cpu: grid = Grid(groups: LayerNormGrid.blocks)
    case .gpu: grid = LayerNormGrid.rows(n, tuning)
    }
    try launch(
      "layer_norm_backward", in: "layer_norm", grid, cost: KernelCost(bytes: Double(12 * n * d)),
      dy, x, weight.value, mean, rstd, dx.base, dx.hasBase, dx.out, partial, Int32(n), Int32(d))
    if tuning == .gpu {
      try launch(
        "layer_norm_columns", in: "layer_norm",
        Grid(groups: ((d + 31) / 32, LayerNormGrid.blocks, 1), size: (32, 8, 1)),
        cost: KernelCost(bytes: Double(8 * n * d)), dy, x, mean, rstd, partial, Int32(n), Int32(d))
    }
    try launch(
      "layer_norm_reduce", in: "layer_norm", Grid(groups: (2 * d + 63) / 64, size: 64),
      cost: KernelCost(bytes: Double(4 * partial.count)), partial, weight.gradient, bias.gradient,
      Int32(d))
  }
}

/// Sizes that are fixed in `layer_norm.cl`.
private enum LayerNormGrid {
  /// `BLOCKS`: blocks of rows in the sums over columns.
  static let blocks = 128

  /// One work-item per 64 rows on a CPU, one work-group per 8 rows on a GPU.
  static func rows(_ n: Int, _ tuning: Tuning) -> Grid {
    switch tuning {
    case .cpu: Grid(groups: (n + 63) / 64)
    case .gpu: Grid(groups: ((n + 7) / 8, 1, 1), size: (32, 8, 1))
    }
  }
}
