import ClseqRuntime

extension Backend {
  /// Work-items of a group, and sequences that a group ranks: `ROW_ITEMS` and `SEQUENCES` in
  /// `recurrent_rows.cl`.
  var rowTuning: (items: Int, sequences: Int) { tuning == .gpu ? (64, 64) : (1, 16) }

  /// Launches a kernel of `recurrent_rows.cl`.
  func launchRows<each A: KernelArgument>(
    _ kernel: StaticString, _ grid: Grid, _ cost: KernelCost, _ arguments: repeat each A
  ) throws {
    var grid = grid
    grid.size.0 = rowTuning.items
    try launch(kernel, in: "recurrent_rows", grid, cost: cost, repeat each arguments)
  }

  /// The last row of each sequence.
  ///
  /// - Parameters:
  ///   - rows: `[N, W]`.
  ///   - initial: `[B, W]`, for empty sequences; zeros when absent.
  ///   - offsets: the first row of each sequence, and N, `[B + 1]`.
  /// - Returns: `[B, W]`.
  public func lastRows(_ rows: Tensor, initial: Tensor?, offsets: Indices) throws -> Tensor {
    let count = offsets.count - 1
    let out = try empty([count, rows.shape[1]])
    if isReference {
      RecurrentRowsReference.last(
        rows.floats, initial: initial?.floats, offsets.values, out.floats, width: rows.shape[1])
    } else if count > 0 {
      try launchRows(
        "recurrent_last", Grid(groups: count), KernelCost(bytes: Double(8 * out.count)), rows,
        initial ?? rows, Int32(initial == nil ? 0 : 1), offsets, out, Int32(rows.shape[1]))
    }
    return out
  }

  /// A weight in the layout of a recurrence's products: `[K, N]`, on a CPU in panels of columns.
  ///
  /// - Parameter transposed: whether the weight is stored as `[N, K]`.
  func stepWeight(_ weight: Tensor, transposed: Bool) throws -> Tensor {
    let (n, k) = (weight.shape[transposed ? 0 : 1], weight.shape[transposed ? 1 : 0])
    switch tuning {
    case .cpu(let vectorWidth):
      let panel = MatmulTiling(vectorWidth: vectorWidth).panel
      let panels = n.dividedRoundingUp(by: panel)
      let packed = try empty([panels, k, panel])
      try launch(
        "matmul_pack", in: "matmul_panels_cpu",
        after: ["gelu", "matmul_common", "tile_cpu"],
        Grid(groups: (panels, k.dividedRoundingUp(by: 64), 1)),
        cost: KernelCost(bytes: Double(4 * (n * k + packed.count))), weight, packed, Int32(n),
        Int32(k), Int32(weight.shape[1]), Int32(transposed ? 1 : 0), Int64(0))
      return packed
    case .gpu:
      guard transposed else { return weight }
      let out = try empty([k, n])
      try launchRows(
        "recurrent_transpose",
        Grid(groups: (n.dividedRoundingUp(by: rowTuning.items), k, 1)),
        KernelCost(bytes: Double(8 * out.count)), weight, out, Int32(n), Int32(k))
      return out
    }
  }

  /// A copy that a kernel may change; zeros when absent.
  func changeable(_ tensor: Tensor?, _ shape: [Int]) throws -> Tensor {
    guard let tensor else { return try zeros(shape) }
    let copy = try empty(shape)
    try self.copy(tensor, to: copy)
    return copy
  }
}

/// Rows of ragged batches in plain loops.
package enum RecurrentRowsReference {
  /// The last row of each sequence; the initial one, or zeros, of an empty one.
  package static func last<T: BinaryFloatingPoint>(
    _ rows: UnsafeMutableBufferPointer<T>, initial: UnsafeMutableBufferPointer<T>?,
    _ offsets: UnsafeMutableBufferPointer<Int32>, _ out: UnsafeMutableBufferPointer<T>, width: Int
  ) {
    for b in 0..<offsets.count - 1 {
      let isEmpty = offsets[b] == offsets[b + 1]
      for j in 0..<width {
        out[b * width + j] =
          isEmpty
          ? initial?[b * width + j] ?? 0 : rows[(Int(offsets[b + 1]) - 1) * width + j]
      }
    }
  }
}
