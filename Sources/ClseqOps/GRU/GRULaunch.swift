import ClseqRuntime

/// The arrays of a layer's forward pass, which the backward pass reads.
struct GRUArrays {
  let weights: GRUWeights
  /// h before the first events, `[B, H]`.
  let initial: Tensor?
  /// `[N, 3 H]`: the inputs' part, then the gates, then the gradient of that part.
  let gates: Tensor
  /// s_n, `[N, H]`.
  let inner: Tensor
  /// h, `[N, H]`.
  let output: Tensor
}

/// Gradients that pass through a layer's recurrence.
struct GRUGradients {
  /// Of the output, `[N, H]`.
  let output: Tensor
  /// `[B, H]`: of the final h, then of the initial one.
  let hidden: Tensor
  /// Of W_hh h + b_hh, `[N, 3 H]`.
  let sums: Tensor
}

extension Backend {
  /// Gates and h of all events.
  func gruForward(_ x: GRUArrays, _ recurrence: RaggedRecurrence) throws {
    if isReference { return GRUReference.forward(x.reference(recurrence)) }
    if x.output.count == 0 { return }
    let (count, hidden) = (recurrence.sequenceCount, x.weights.hidden)
    let weight = try stepWeight(x.weights.recurrent.value, transposed: true)
    let workspace = tuning == .gpu ? nil : try empty([count, 3 * hidden])
    let (bias, initial) = (x.weights.recurrentBias.value, x.initial ?? x.output)
    let hasInitial = Int32(x.initial == nil ? 0 : 1)
    let launches = recurrence.forwardLaunches
    for steps in launches {
      let (first, end) = (Int32(steps.lowerBound), Int32(steps.upperBound))
      if let workspace {
        try launchRecurrence(
          "gru_forward", of: "gru", recurrence, units: hidden, cost: x.cost(parts: launches.count),
          x.gates, weight, bias, initial, hasInitial, workspace, x.inner, x.output,
          recurrence.offsets, recurrence.order, recurrence.taken.forward, recurrence.hasQueue,
          Int32(count), Int32(hidden), first, end)
      } else {
        try launchRecurrence(
          "gru_forward", of: "gru", recurrence, units: hidden, cost: x.cost(parts: launches.count),
          x.gates, weight, bias, initial, hasInitial, x.inner, x.output, recurrence.offsets,
          recurrence.order, Int32(count), Int32(hidden), first, end)
      }
    }
  }

  /// Turns the gates into the gradients of the inputs' part, and the gradient of the final state
  /// into that of the initial state, if there is one.
  func gruBackward(
    _ x: GRUArrays, _ recurrence: RaggedRecurrence, _ gradients: GRUGradients
  ) throws {
    if isReference {
      return GRUReference.backward(x.reference(recurrence), gradients.reference)
    }
    if x.output.count == 0 { return }
    let (count, hidden) = (recurrence.sequenceCount, x.weights.hidden)
    let weight = try stepWeight(x.weights.recurrent.value, transposed: false)
    let initial = x.initial ?? x.output
    let hasInitial = Int32(x.initial == nil ? 0 : 1)
    let launches = recurrence.backwardLaunches(toInitial: x.initial != nil)
    for steps in launches {
      let (first, end) = (Int32(steps.lowerBound), Int32(steps.upperBound))
      if tuning == .gpu {
        try launchRecurrence(
          "gru_backward", of: "gru", recurrence, units: hidden,
          cost: x.cost(parts: launches.count), x.gates, weight, initial, hasInitial, x.inner,
          x.output, gradients.output, gradients.sums, gradients.hidden, recurrence.offsets,
          recurrence.order, Int32(count), Int32(hidden), first, end)
      } else {
        try launchRecurrence(
          "gru_backward", of: "gru", recurrence, units: hidden,
          cost: x.cost(parts: launches.count), x.gates, weight, initial, hasInitial, x.inner,
          x.output, gradients.output, gradients.sums, gradients.hidden, recurrence.offsets,
          recurrence.order, recurrence.taken.backward, recurrence.hasQueue, Int32(count),
          Int32(hidden), first, end)
      }
    }
  }
}

extension GRUArrays {
  /// For the profile: the product with W_hh, and one pass over the arrays.
  fileprivate func cost(parts: Int) -> KernelCost {
    let (n, hidden) = (gates.shape[0], weights.hidden)
    return KernelCost(
      flops: Double(6 * n * hidden * hidden) / Double(max(parts, 1)),
      bytes: Double(32 * n * hidden) / Double(max(parts, 1)))
  }

  fileprivate func reference(_ recurrence: RaggedRecurrence) -> GRUReference.Arrays<Float> {
    GRUReference.Arrays(
      offsets: recurrence.offsets.values, hidden: weights.hidden,
      recurrent: weights.recurrent.value.floats, bias: weights.recurrentBias.value.floats,
      initial: initial?.floats, gates: gates.floats, inner: inner.floats, output: output.floats)
  }
}

extension GRUGradients {
  fileprivate var reference: GRUReference.Gradients<Float> {
    GRUReference.Gradients(output: output.floats, hidden: hidden.floats, sums: sums.floats)
  }
}
