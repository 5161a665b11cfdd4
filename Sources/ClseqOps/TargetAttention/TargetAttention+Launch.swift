import ClseqRuntime

extension TargetAttention {
  /// The scores s(n, m) of all candidates, `[N, window]`: column j is the event `j + 1` before the
  /// candidate; 0 where there is none. They say which events a prediction rests on.
  ///
  /// - Throws: `OpenCLError` when memory runs out or a launch fails.
  package func scores(on backend: Backend) throws -> Tensor {
    let scores = try backend.zeros([q.shape[0], window])
    try forward(into: try backend.empty(q.shape), scores: scores, on: backend)
    return scores
  }

  /// - Parameter scores: `[N, window]`, holding zeros.
  func forward(into out: Tensor, scores: Tensor?, on backend: Backend) throws {
    if backend.isReference {
      TargetAttentionReference.forward(reference, out: out.floats, scores: scores?.floats)
      return
    }
    let form = TargetAttentionForm(self, backend.tuning)
    let packed = try pack(panel: form.hiddenPanel, transposed: true, on: backend)
    let grid: Grid
    switch backend.tuning {
    case .cpu:
      // CANDIDATES in the source
      grid = Grid(groups: ((shape.maximumLength + 15) / 16, sequenceCount, 1))
    case .gpu:
      grid = Grid(groups: (shape.maximumLength, sequenceCount, 1), size: (32, 8, 1))
    }
    try backend.launch(
      "target_attention_forward", in: form.forward, after: form.shared,
      options: form.options, grid, cost: KernelCost(bytes: Double(12 * out.count)), q, k,
      queryPart, keyPart, packed, output, shape.offsets, out, scores ?? out,
      Int32(scores == nil ? 0 : 1), Int32(window))
  }

  /// - Parameters:
  ///   - slots: places for the gradients of q, k, queryPart and keyPart.
  ///   - product: the gradient of P, which is added to.
  ///   - output: the gradient of w, which is added to.
  func backward(
    dout: Tensor, _ slots: [Tape.GradientSlot], product dproduct: Tensor, output doutput: Tensor,
    on backend: Backend
  ) throws {
    if backend.isReference {
      TargetAttentionReference.backward(
        reference, dout: dout.floats, bases: slots.map { $0.addend?.floats },
        gradients: slots.map(\.out.floats), dproduct: dproduct.floats, doutput: doutput.floats)
      return
    }
    let form = TargetAttentionForm(self, backend.tuning)
    let packed = try pack(panel: form.hiddenPanel, transposed: true, on: backend)
    // A GPU reads the rows of P as they are.
    let rows =
      backend.tuning == .gpu
      ? product : try pack(panel: form.widthPanel, transposed: false, on: backend)
    // The same on any number of compute units, so that sums have one order.
    let blocks = min(sequenceCount, 128)
    let partial = try backend.empty([blocks, form.hiddenPadded * (width + 1)])
    let hasBases = slots.reversed().reduce(Int32(0)) { $0 << 1 | $1.hasBase }
    try backend.launch(
      "target_attention_backward", in: form.backward,
      after: form.shared, options: form.options,
      backend.tuning == .gpu
        ? Grid(groups: (blocks, 1, 1), size: (32, 8, 1)) : Grid(groups: blocks),
      cost: KernelCost(bytes: Double(28 * dout.count)), dout, q, k, queryPart, keyPart, packed,
      rows, output, shape.offsets, slots[0].base, slots[1].base, slots[2].base, slots[3].base,
      hasBases,
      slots[0].out, slots[1].out, slots[2].out, slots[3].out, partial, Int32(sequenceCount),
      Int32(blocks), Int32(window))
    try backend.launch(
      "target_attention_reduce", in: "target_attention_parameters",
      Grid(groups: (hidden * (width + 1) + 63) / 64, size: 64), partial, Int32(blocks),
      Int32(partial.shape[1]), dproduct, doutput, Int32(hidden), Int32(form.hiddenPadded),
      Int32(width), Int32(form.hiddenPanel))
  }

  /// P, or its transpose, in contiguous panels of `panel` columns.
  private func pack(panel: Int, transposed: Bool, on backend: Backend) throws -> Tensor {
    let (depth, columns) = transposed ? (width, hidden) : (hidden, width)
    let packed = try backend.empty([(columns + panel - 1) / panel, depth, panel])
    try backend.launch(
      "target_attention_pack", in: "target_attention_parameters",
      Grid(groups: (packed.count + 63) / 64, size: 64), product, packed, Int32(depth),
      Int32(columns), Int32(panel), Int32(transposed ? 1 : width),
      Int32(transposed ? width : 1), Int32(packed.count))
    return packed
  }
}

/// The kernels' form in one tuning, and the sizes that their sources derive from it.
private struct TargetAttentionForm {
  let options: KernelOptions
  let shared: [StaticString]
  /// Columns of a panel of P^T and of P.
  let hiddenPanel: Int
  let widthPanel: Int
  /// Hidden units, padded to whole vectors.
  let hiddenPadded: Int
  /// Sources of the two passes.
  let (forward, backward): (StaticString, StaticString)

  init(_ attention: TargetAttention, _ tuning: Tuning) {
    options = ["WIDTH": attention.width, "HIDDEN": attention.hidden]
    switch tuning {
    case .cpu(let vectorWidth):
      hiddenPanel = Self.panel(attention.hidden, vectorWidth)
      widthPanel = Self.panel(attention.width, vectorWidth)
      hiddenPadded = (attention.hidden + vectorWidth - 1) / vectorWidth * vectorWidth
      shared = ["sigmoid", "target_attention_tiles_cpu"]
      (forward, backward) = ("target_attention_cpu", "target_attention_backward_cpu")
    case .gpu:
      (hiddenPanel, widthPanel) = (attention.hidden, attention.width)
      hiddenPadded = attention.hidden
      shared = ["target_attention_tiles_gpu"]
      (forward, backward) = ("target_attention_gpu", "target_attention_backward_gpu")
    }
  }

  /// `PANEL` of the source, in floats: three vectors, two or one, whichever divides a row.
  private static func panel(_ count: Int, _ vectorWidth: Int) -> Int {
    let vectors = (count + vectorWidth - 1) / vectorWidth
    return vectorWidth * (vectors % 3 == 0 ? 3 : vectors % 2 == 0 ? 2 : 1)
  }
}

extension TargetAttention {
  fileprivate var reference: TargetAttentionReference.Problem<Float> {
    TargetAttentionReference.Problem(
      inputs: [q, k, queryPart, keyPart].map(\.floats), product: product.floats,
      output: output.floats, offsets: shape.offsets.values.map(Int.init), window: window)
  }
}
