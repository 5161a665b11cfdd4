extension Tape {
  /// A linear layer and its activation: `y = f(x W^T + b)`, or `f(x W^T + b + a)`.
  ///
  /// The activation is computed while its input is in registers. So is its derivative: if `x` is
  /// the result of a linear layer with an activation, the gradient of `x` is multiplied by that
  /// derivative as it is computed. Sigmoid and tanh, used for gates and outputs, take a launch of
  /// their own, in place.
  ///
  /// - Parameters:
  ///   - x: `[N, I]`.
  ///   - weight: `[O, I]`.
  ///   - bias: `[O]`.
  ///   - addend: a, `[N, O]`, which gets a gradient; nil for none.
  ///   - activation: The function of the output; nil for none.
  ///   - isConstant: whether `x` depends on no parameter, and needs no gradient.
  /// - Returns: `[N, O]`.
  /// - Throws: `OpenCLError` when memory runs out or a launch fails.
  public func linear(
    _ x: Tensor, weight: Parameter, bias: Parameter? = nil, adding addend: Tensor? = nil,
    activation: Activation? = nil, isConstant: Bool = false
  ) throws -> Tensor {
    precondition(
      x.shape.count == 2 && weight.shape.count == 2 && weight.shape[1] == x.shape[1]
        && bias.map { $0.shape == [weight.shape[0]] } ?? true
        && addend.map { $0.shape == [x.shape[0], weight.shape[0]] } ?? true,
      "linear: x \(x.shape), weight \(weight.shape), bias \(bias?.shape ?? []), "
        + "addend \(addend?.shape ?? [])")
    if let activation, !activation.isFused {
      let z = try linear(x, weight: weight, bias: bias, adding: addend, isConstant: isConstant)
      let y = backend.reshaped(z, z.shape)
      try self.activation(activation, z, into: y)
      return y
    }
    let (n, i, o) = (x.shape[0], x.shape[1], weight.shape[0])
    let y = try backend.empty([n, o])
    let slopes = isTraining ? try activation.map { try keptArray(of: $0, result: y) } : nil
    try backend.matmul(
      x, weight.value, into: y, MatmulShape(m: n, n: o, k: i, transposeB: true), base: addend,
      bias: bias?.value,
      epilogue: activation.map { .activation($0, keeping: slopes) } ?? .none)
    guard isTraining else { return y }
    let folded = try activation.flatMap { function in
      try slopes.map { FoldedActivation(function: function, kept: try kept($0)) }
    }
    foldedActivations[y.id] = folded
    let inputActivation = foldedActivations[x.id]
    let isNeeded = weight.isTrained || bias?.isTrained == true
    record {
      [x = isNeeded ? try kept(x) : x.identity, y = y.identity, addend = addend?.identity] tape in
      guard let dz = try tape.takeGradient(of: y, before: folded) else { return }
      try tape.addGradients(dz, x, weight: weight, bias: bias)
      if let addend { try tape.passGradient(dz, to: addend) }
      if isConstant { return }
      let dx = try tape.gradientSlot(of: inputActivation?.kept ?? x)
      try tape.backend.matmul(
        dz, weight.value, into: dx.out, MatmulShape(m: n, n: i, k: o), base: dx.addend,
        epilogue: try inputActivation.map {
          .activationGradient($0.function, kept: try tape.restored($0.kept))
        } ?? .none)
    }
    return y
  }

  /// dW += dzᵀ x, db += column sums of dz.
  func addGradients(_ dz: Tensor, _ x: Tensor, weight: Parameter, bias: Parameter?) throws {
    guard weight.isTrained || bias?.isTrained == true else { return }
    let gradient = try backend.gradient(of: weight)
    try backend.matmul(
      dz, try restored(x), into: gradient,
      MatmulShape(m: weight.shape[0], n: weight.shape[1], k: x.shape[0], transposeA: true),
      base: gradient, columnSums: try bias.map(backend.gradient))
  }

  /// The gradient of the input of an activation whose result is `y`: the gradients that linear
  /// layers after it have passed to its input directly, and those that other ops have passed to
  /// `y`.
  private func takeGradient(of y: Tensor, before folded: FoldedActivation?) throws -> Tensor? {
    guard let folded else { return takeGradient(of: y) }
    foldedActivations[y.id] = nil
    if let dy = takeGradient(of: y) {
      try activationBackward(folded.function, dy: dy, kept: folded.kept, to: folded.kept)
    }
    return takeGradient(of: folded.kept)
  }
}

/// An activation inside a linear layer, whose derivative the next layer applies to its gradient.
struct FoldedActivation {
  let function: Activation
  /// The array from which the activation's derivative is computed. As the input itself is not kept,
  /// the tape finds the gradient of the input by this tensor's identity.
  let kept: Tensor
}
