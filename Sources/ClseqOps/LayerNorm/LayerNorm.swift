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
    let norm = try NormPass(x, weight: weight, bias: bias, epsilon: epsilon, on: backend)
    try norm.forward(nil, on: backend)
    record(norm.y) { [norm = try norm.kept(on: self)] tape, dy in
      let dx = try tape.gradientSlot(of: norm.x)
      try tape.backward(norm, dy: dy, dx: dx, branch: nil)
    }
    return norm.y
  }

  /// `sum = residual + dropout(x)` and `layerNorm(sum)`, in one pass.
  ///
  /// - Parameters:
  ///   - x: `[N, D]`.
  ///   - residual: `[N, D]`.
  ///   - rate: probability of dropping a value of x.
  ///   - layer: name of the dropout; no two dropouts of a model may share it.
  ///   - events: times and sequences of the N rows; without dropout they may be others.
  ///   - weight: `[D]`, of the norm.
  ///   - bias: `[D]`.
  ///   - epsilon: the number that is added to the variance.
  /// - Throws: `OpenCLError` when memory runs out or a launch fails.
  public func residualNorm(
    _ x: Tensor, onto residual: Tensor, rate: DropoutRate, layer: String, events: EventIndices,
    weight: Parameter, bias: Parameter, epsilon: Float = 1e-5
  ) throws -> (sum: Tensor, normed: Tensor) {
    let mask = DropoutMask(key: randomKey(layer), rate: rate, events)
    precondition(
      x.shape == residual.shape && (mask.key == nil || events.count == x.shape[0]),
      "residualNorm: x \(x.shape), residual \(residual.shape), \(events.count) events")
    let sum = try backend.empty(x.shape)
    let norm = try NormPass(sum, weight: weight, bias: bias, epsilon: epsilon, on: backend)
    try norm.forward((x, residual, mask), on: backend)
    let (x, residual) = (x.identity, residual.identity)
    record { [norm = try norm.kept(on: self), sum = sum.identity] tape in
      if let dy = tape.takeGradient(of: norm.y) {
        let dsum = try tape.gradientSlot(of: sum)
        let dx = mask.key == nil ? nil : try tape.gradientSlot(of: x)
        try tape.backward(norm, dy: dy, dx: dsum, branch: dx.map { ($0, mask) })
      } else if let dsum = tape.gradient(of: sum), mask.key != nil {
        let dx = try tape.gradientSlot(of: x)
        try tape.backend.applyDropout(mask, dsum, base: dx.addend, into: dx.out)
      }
      guard let dsum = tape.takeGradient(of: sum) else { return }
      if mask.key == nil { try tape.passGradient(dsum, to: x) }
      try tape.passGradient(dsum, to: residual)
    }
    return (sum, norm.y)
  }

  /// - Parameter branch: place for the gradient of the input of the dropout before the norm.
  private func backward(
    _ norm: NormPass, dy: Tensor, dx: GradientSlot, branch: (slot: GradientSlot, mask: DropoutMask)?
  ) throws {
    var norm = norm
    norm.x = try restored(norm.x)
    guard !backend.isReference else { return try norm.referenceBackward(dy, dx, branch, backend) }
    let sums = try norm.launchBackward(dy, dx, branch, on: backend)
    if norm.weight.isTrained || norm.bias.isTrained { normSums.append(sums) }
  }
}

/// The column sums of a norm's blocks, which are added to its parameters' gradients at the end of the
/// backward pass, those of several norms in one launch.
struct NormSums {
  /// `[blocks, 2, D]`.
  let partial: Tensor
  let weight: Parameter
  let bias: Parameter
}

extension Backend {
  /// Adds the sums to the gradients, and removes them.
  func reduce(_ sums: inout [NormSums]) throws {
    while let first = sums.first {
      let d = first.weight.count
      // Of one width, each parameter once, at most eight.
      var (some, others): ([NormSums], [NormSums]) = ([], [])
      for one in sums {
        let fits =
          some.count < 8 && one.weight.count == d && !some.contains { $0.weight === one.weight }
        if fits { some.append(one) } else { others.append(one) }
      }
      sums = others
      let norms = try some.map { sums in
        NormArguments(
          partial: sums.partial, weight: try gradient(of: sums.weight),
          bias: try gradient(of: sums.bias))
      }
      func norm(_ index: Int) -> NormArguments { norms[min(index, norms.count - 1)] }
      try launch(
        "layer_norm_reduce", in: "layer_norm_backward",
        tuning.reduceGrid(columns: d, norms: some.count),
        cost: KernelCost(bytes: Double(4 * some.count * first.partial.count)), norm(0), norm(1),
        norm(2), norm(3), norm(4), norm(5), norm(6), norm(7), Int32(d))
    }
  }
}

extension Tuning {
  /// Weights and biases apart: a vector of columns per work-item on a CPU, 64 columns per work-group on a
  /// GPU.
  fileprivate func reduceGrid(columns: Int, norms: Int) -> Grid {
    switch self {
    case .cpu(let vectorWidth):
      Grid(groups: (columns.dividedRoundingUp(by: vectorWidth), norms, 2))
    case .gpu:
      Grid(groups: (columns.dividedRoundingUp(by: 64), norms, 2), size: (64, 4, 1))
    }
  }
}

private struct NormArguments: KernelArgument {
  let partial: Tensor
  /// Gradients.
  let weight: Tensor
  let bias: Tensor

  func add(to arguments: inout KernelArguments) {
    arguments.add(partial, Int32(partial.shape[0]), weight, bias)
  }
}

/// The arrays of one norm.
private struct NormPass {
  /// `[N, D]`.
  var x: Tensor
  let weight: Parameter
  let bias: Parameter
  let epsilon: Float
  var y: Tensor
  /// `[N]`, kept for the backward pass.
  let mean: Tensor
  let rstd: Tensor

  init(
    _ x: Tensor, weight: Parameter, bias: Parameter, epsilon: Float, on backend: Backend
  ) throws {
    precondition(
      x.shape.count == 2 && weight.shape == [x.shape[1]] && bias.shape == [x.shape[1]],
      "layerNorm: x \(x.shape), weight \(weight.shape), bias \(bias.shape)")
    (self.x, self.weight, self.bias, self.epsilon) = (x, weight, bias, epsilon)
    y = try backend.empty(x.shape)
    mean = try backend.empty([x.shape[0]])
    rstd = try backend.empty([x.shape[0]])
  }

  /// What the backward pass needs.
  func kept(on tape: Tape) throws -> NormPass {
    var norm = self
    (norm.x, norm.y) = (try tape.kept(x), y.identity)
    return norm
  }

  private var sizes: (n: Int, d: Int) { (x.shape[0], x.shape[1]) }

  /// - Parameter sum: what x is computed from in the same pass.
  func forward(
    _ sum: (x: Tensor, residual: Tensor, mask: DropoutMask)?, on backend: Backend
  ) throws {
    if backend.isReference {
      if let sum, sum.mask.key == nil {
        try backend.add(sum.residual, sum.x, into: x)
      } else if let sum {
        try backend.applyDropout(sum.mask, sum.x, base: sum.residual, into: x)
      }
      LayerNormReference.forward(
        x: x.floats, weight: weight.value.floats, bias: bias.value.floats, y: y.floats,
        mean: mean.floats, rstd: rstd.floats, epsilon: epsilon)
      return
    }
    let (n, d) = sizes
    let grid: Grid
    switch backend.tuning {
    case .cpu: grid = Grid(groups: n.dividedRoundingUp(by: 64))
    case .gpu: grid = Grid(groups: (n.dividedRoundingUp(by: 8), 1, 1), size: (32, 8, 1))
    }
    try backend.launch(
      "layer_norm_forward", in: "layer_norm", grid,
      cost: KernelCost(bytes: Double((sum == nil ? 8 : 16) * n * d)), sum?.x ?? x,
      sum?.residual ?? x, Int32(sum == nil ? 0 : 1), OptionalDropout(sum?.mask, unused: x), x,
      weight.value, bias.value, y, mean, rstd, Int32(n), Int32(d), epsilon)
  }

  func launchBackward(
    _ dy: Tensor, _ dx: Tape.GradientSlot,
    _ branch: (slot: Tape.GradientSlot, mask: DropoutMask)?, on backend: Backend
  ) throws -> NormSums {
    let (n, d) = sizes
    // On a GPU eight rows for each of the eight teams of a group, or more.
    let (blocks, items) =
      backend.tuning == .gpu ? (min(max(n / 64, 1), 512), (32, 8, 1)) : (128, (1, 1, 1))
    let partial = try backend.empty([blocks, 2, d])
    try backend.launch(
      "layer_norm_backward", in: "layer_norm_backward", Grid(groups: (blocks, 1, 1), size: items),
      cost: KernelCost(bytes: Double((branch == nil ? 12 : 16) * n * d)), dy, x, weight.value, mean,
      rstd, dx, OptionalDropout(branch?.mask, unused: x), branch?.slot ?? dx,
      Int32(branch == nil ? 0 : 1), partial, Int32(n), Int32(d))
    return NormSums(partial: partial, weight: weight, bias: bias)
  }

  func referenceBackward(
    _ dy: Tensor, _ dx: Tape.GradientSlot,
    _ branch: (slot: Tape.GradientSlot, mask: DropoutMask)?, _ backend: Backend
  ) throws {
    let (dweight, dbias) = (try backend.gradient(of: weight), try backend.gradient(of: bias))
    withExtendedLifetime((dweight, dbias)) {
      LayerNormReference.backward(
        dy: dy.floats, x: x.floats, weight: weight.value.floats, mean: mean.floats,
        rstd: rstd.floats, base: dx.addend?.floats, dx: dx.out.floats, dweight: dweight.floats,
        dbias: dbias.floats)
    }
    if let (slot, mask) = branch {
      try backend.applyDropout(mask, dx.out, base: slot.addend, into: slot.out)
    }
  }
}
