import ClseqRuntime

extension Backend {
  /// The scores s(n, m) of all candidates, `[N, window]`: column j is the event `j + 1` before the
  /// candidate; 0 where there is none. They say which events a prediction rests on.
  package func scores(of attention: TargetAttention) throws -> Tensor {
    let scores = try zeros([attention.q.shape[0], attention.window])
    try forward(attention, into: try empty(attention.q.shape), scores: scores)
    return scores
  }

  /// - Parameter scores: `[N, window]`, holding zeros.
  func forward(_ attention: TargetAttention, into out: Tensor, scores: Tensor?) throws {
    if isReference {
      TargetAttentionReference.forward(
        attention.reference, out: out.floats, scores: scores?.floats)
      return
    }
    let form = TargetAttentionForm(attention, tuning)
    let packed = try pack(attention, panel: form.hiddenPanel, transposed: true)
    let grid: Grid
    switch tuning {
    case .cpu:
      // CANDIDATES in the source
      grid = Grid(groups: ((attention.maximumLength + 15) / 16, attention.sequenceCount, 1))
    case .gpu:
      grid = Grid(
        groups: (attention.maximumLength, attention.sequenceCount, 1), size: (32, 8, 1))
    }
    try launch(
      "target_attention_forward", in: form.source("target_attention"), after: form.shared,
      options: form.options, grid, cost: KernelCost(bytes: Double(12 * out.count)), attention.q,
      attention.k, attention.queryPart, attention.keyPart, packed, attention.output,
      attention.offsets, out, scores ?? out, Int32(scores == nil ? 0 : 1),
      Int32(attention.window))
  }

  /// - Parameters:
  ///   - slots: places for the gradients of q, k, queryPart and keyPart.
  ///   - product: the gradient of P, which grows, as does `output`.
  func backward(
    _ attention: TargetAttention, dout: Tensor, _ slots: [Tape.GradientSlot], product: Tensor,
    output: Tensor
  ) throws {
    if isReference {
      TargetAttentionReference.backward(
        attention.reference, dout: dout.floats, bases: slots.map { $0.addend?.floats },
        gradients: slots.map(\.out.floats), dproduct: product.floats, doutput: output.floats)
      return
    }
    let form = TargetAttentionForm(attention, tuning)
    let (hidden, width) = (attention.hidden, attention.width)
    let packed = try pack(attention, panel: form.hiddenPanel, transposed: true)
    // On a GPU the rows are read as they lie.
    let rows =
      tuning == .gpu
      ? attention.product : try pack(attention, panel: form.widthPanel, transposed: false)
    // However many compute units there are, so that sums have one order.
    let blocks = min(attention.sequenceCount, 128)
    let partial = try empty([blocks, form.hiddenPadded * (width + 1)])
    let hasBases = slots.reversed().reduce(Int32(0)) { $0 << 1 | $1.hasBase }
    try launch(
      "target_attention_backward", in: form.source("target_attention_backward"),
      after: form.shared, options: form.options,
      tuning == .gpu
        ? Grid(groups: (blocks, 1, 1), size: (32, 8, 1)) : Grid(groups: blocks),
      cost: KernelCost(bytes: Double(28 * dout.count)), dout, attention.q, attention.k,
      attention.queryPart, attention.keyPart, packed, rows, attention.output, attention.offsets,
      slots[0].base, slots[1].base, slots[2].base, slots[3].base, hasBases, slots[0].out,
      slots[1].out, slots[2].out, slots[3].out, partial, Int32(attention.sequenceCount),
      Int32(blocks), Int32(attention.window))
    try launch(
      "target_attention_reduce", in: "target_attention_parameters",
      Grid(groups: (hidden * (width + 1) + 63) / 64, size: 64), partial, Int32(blocks),
      Int32(partial.shape[1]), product, output, Int32(hidden), Int32(form.hiddenPadded),
      Int32(width), Int32(form.hiddenPanel))
  }

  /// P, or its transpose, in contiguous panels of `panel` columns.
  private func pack(
    _ attention: TargetAttention, panel: Int, transposed: Bool
  ) throws -> Tensor {
    let (hidden, width) = (attention.hidden, attention.width)
    let (depth, columns) = transposed ? (width, hidden) : (hidden, width)
    let packed = try empty([(columns + panel - 1) / panel, depth, panel])
    try launch(
      "target_attention_pack", in: "target_attention_parameters",
      Grid(groups: (packed.count + 63) / 64, size: 64), attention.product, packed, Int32(depth),
      Int32(columns), Int32(panel), Int32(transposed ? 1 : width),
      Int32(transposed ? width : 1), Int32(packed.count))
    return packed
  }
}

/// The kernels' form in one tuning, and the sizes that their sources derive from it.
private struct TargetAttentionForm {
  let options: [String]
  let shared: [String]
  /// Columns of a panel of P^T and of P.
  let hiddenPanel: Int
  let widthPanel: Int
  /// Units with those that fill up the last panel.
  let hiddenPadded: Int
  private let suffix: String

  init(_ attention: TargetAttention, _ tuning: Tuning) {
    options = ["-DWIDTH=\(attention.width)", "-DHIDDEN=\(attention.hidden)"]
    switch tuning {
    case .cpu(let vectorWidth):
      hiddenPanel = Self.panel(attention.hidden, vectorWidth)
      widthPanel = Self.panel(attention.width, vectorWidth)
      hiddenPadded = (attention.hidden + vectorWidth - 1) / vectorWidth * vectorWidth
      (shared, suffix) = (["sigmoid", "target_attention_tiles_cpu"], "_cpu")
    case .gpu:
      (hiddenPanel, widthPanel) = (attention.hidden, attention.width)
      hiddenPadded = attention.hidden
      (shared, suffix) = (["target_attention_tiles_gpu"], "_gpu")
    }
  }

  func source(_ kernel: String) -> String { kernel + suffix }

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
      output: output.floats, offsets: offsets.values.map(Int.init), window: window)
  }
}
