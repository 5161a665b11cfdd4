import ClseqRuntime

/// The arrays of a layer's forward pass, which the backward pass reads.
struct LSTMArrays {
  let weights: LSTMWeights
  let initial: LayerState?
  /// `[N, 4 H]`: the inputs' part of the gates, then the gates, then their gradients.
  let gates: Tensor
  /// c, `[N, H]`.
  let cells: Tensor
  /// m, `[N, H]`; the output itself without a projection.
  let unprojected: Tensor
  /// h, `[N, P]`.
  let output: Tensor
}

/// Gradients that pass through a layer's recurrence.
struct LSTMGradients {
  /// Of the output, `[N, P]`.
  let output: Tensor
  /// `[B, P]`: of the final h, then of the initial one.
  let hidden: Tensor
  /// `[B, H]`: of the final c, then of the initial one.
  let cell: Tensor
  /// `[N, P]`: the complete gradient of h, with that from later steps; defined with a projection.
  let whole: Tensor
}

extension Backend {
  /// Gates, c and h of all events.
  func lstmForward(_ arrays: LSTMArrays, _ recurrence: RaggedRecurrence) throws {
    if isReference { return LSTMReference.forward(arrays.reference(recurrence)) }
    if arrays.output.count == 0 { return }
    let weights = arrays.weights
    let weight = try stepWeight(weights.recurrent.value, transposed: true)
    let projection = try weights.projection.map { try stepWeight($0.value, transposed: true) }
    let workspace =
      tuning == .gpu ? nil : try empty([recurrence.sequenceCount, 4 * weights.hidden])
    for steps in recurrence.forwardLaunches {
      try launchForward(arrays, recurrence, (weight, projection), workspace, steps)
    }
  }

  private func launchForward(
    _ x: LSTMArrays, _ recurrence: RaggedRecurrence, _ weights: (Tensor, Tensor?),
    _ workspace: Tensor?, _ steps: Range<Int>
  ) throws {
    let (weight, projection) = weights
    let (h0, c0) = (x.initial?.hidden ?? x.output, x.initial?.cell ?? x.cells)
    let hasInitial = Int32(x.initial == nil ? 0 : 1)
    let sizes = x.kernelSizes(recurrence, steps)
    let cost = x.cost(parts: recurrence.forwardLaunches.count)
    if let workspace {
      try launchRecurrence(
        "lstm_forward", of: "lstm", recurrence, units: x.units, cost: cost, x.gates, weight,
        x.weights.recurrentBias.value, projection ?? weight, Int32(projection == nil ? 0 : 1), h0,
        c0, hasInitial, workspace, x.cells, x.unprojected, x.output, recurrence.offsets,
        recurrence.order, recurrence.taken.forward, recurrence.hasQueue, sizes.0, sizes.1, sizes.2,
        sizes.3, sizes.4)
    } else {
      try launchRecurrence(
        "lstm_forward", of: "lstm", recurrence, units: x.units, cost: cost, x.gates, weight,
        x.weights.recurrentBias.value, projection ?? weight, Int32(projection == nil ? 0 : 1), h0,
        c0, hasInitial, x.cells, x.unprojected, x.output, recurrence.offsets, recurrence.order,
        sizes.0, sizes.1, sizes.2, sizes.3, sizes.4)
    }
  }

  /// Turns the gates into their gradients, and the gradients of the final state into those of the
  /// initial state, if there is one.
  func lstmBackward(
    _ arrays: LSTMArrays, _ recurrence: RaggedRecurrence, _ gradients: LSTMGradients
  ) throws {
    if isReference {
      return LSTMReference.backward(arrays.reference(recurrence), gradients.reference)
    }
    if arrays.output.count == 0 { return }
    let weights = arrays.weights
    let weight = try stepWeight(weights.recurrent.value, transposed: false)
    let projection = try weights.projection.map { try stepWeight($0.value, transposed: false) }
    let workspace =
      tuning == .gpu ? nil : try empty([recurrence.sequenceCount, weights.hidden])
    let launches = recurrence.backwardLaunches(toInitial: arrays.initial != nil)
    for steps in launches {
      try launchBackward(
        arrays, recurrence, gradients, (weight, projection), workspace, steps,
        cost: arrays.cost(parts: launches.count))
    }
  }

  private func launchBackward(
    _ x: LSTMArrays, _ recurrence: RaggedRecurrence, _ gradients: LSTMGradients,
    _ weights: (Tensor, Tensor?), _ workspace: Tensor?, _ steps: Range<Int>,
    cost: KernelCost
  ) throws {
    let (weight, projection) = weights
    let hasInitial = Int32(x.initial == nil ? 0 : 1)
    let sizes = x.kernelSizes(recurrence, steps)
    if let workspace {
      try launchRecurrence(
        "lstm_backward", of: "lstm", recurrence, units: x.units, cost: cost, x.gates, weight,
        projection ?? weight, Int32(projection == nil ? 0 : 1), x.initial?.cell ?? x.cells,
        hasInitial, x.cells, gradients.output, gradients.hidden, gradients.cell, gradients.whole,
        workspace, recurrence.offsets, recurrence.order, recurrence.taken.backward,
        recurrence.hasQueue, sizes.0, sizes.1, sizes.2, sizes.3, sizes.4)
    } else {
      try launchRecurrence(
        "lstm_backward", of: "lstm", recurrence, units: x.units, cost: cost, x.gates, weight,
        projection ?? weight, Int32(projection == nil ? 0 : 1), x.initial?.cell ?? x.cells,
        hasInitial, x.cells, gradients.output, gradients.hidden, gradients.cell, gradients.whole,
        recurrence.offsets, recurrence.order, sizes.0, sizes.1, sizes.2, sizes.3, sizes.4)
    }
  }
}

extension LSTMArrays {
  /// Units that the work-groups of a GPU can divide among them in a step: with a projection one
  /// work-group computes all units.
  fileprivate var units: Int { weights.projection == nil ? weights.hidden : 1 }

  /// B, H, P, the first step and the one after the last.
  fileprivate func kernelSizes(
    _ recurrence: RaggedRecurrence, _ steps: Range<Int>
  ) -> (Int32, Int32, Int32, Int32, Int32) {
    (
      Int32(recurrence.sequenceCount), Int32(weights.hidden), Int32(weights.outputs),
      Int32(steps.lowerBound), Int32(steps.upperBound)
    )
  }

  /// For the profile: the products with W_hh and W_hr, and one pass over the arrays.
  fileprivate func cost(parts: Int) -> KernelCost {
    let (n, hidden, outputs) = (gates.shape[0], weights.hidden, weights.outputs)
    let products = 4 * hidden * outputs + (weights.projection == nil ? 0 : hidden * outputs)
    return KernelCost(
      flops: 2 * Double(n * products) / Double(max(parts, 1)),
      bytes: Double(4 * n * (9 * hidden + 2 * outputs)) / Double(max(parts, 1)))
  }

  fileprivate func reference(_ recurrence: RaggedRecurrence) -> LSTMReference.Arrays<Float> {
    LSTMReference.Arrays(
      offsets: recurrence.offsets.values, hidden: weights.hidden, outputs: weights.outputs,
      recurrent: weights.recurrent.value.floats, bias: weights.recurrentBias.value.floats,
      projection: weights.projection?.value.floats, initialHidden: initial?.hidden.floats,
      initialCell: initial?.cell?.floats, gates: gates.floats, cells: cells.floats,
      unprojected: unprojected.floats, output: output.floats)
  }
}

extension LSTMGradients {
  fileprivate var reference: LSTMReference.Gradients<Float> {
    LSTMReference.Gradients(
      output: output.floats, hidden: hidden.floats, cell: cell.floats, whole: whole.floats)
  }
}
