import ClseqRuntime

extension Backend {
  /// `out[row] += scale · Σ weights[e] · dropout(x[e / perEntry])` over the entries e of each row of an
  /// index, in their order.
  ///
  /// - Parameters:
  ///   - x: `[N, D]`.
  ///   - index: of N · `perEntry` entries.
  ///   - weights: one per entry; 1 when absent.
  ///   - perEntry: entries per row of x.
  ///   - dropout: of the rows of x.
  ///   - out: `[rows, D]`.
  ///   - scale: the factor of all sums.
  func segmentSum(
    _ x: Tensor, _ index: DeviceRowIndex, weights: Tensor? = nil, perEntry: Int = 1,
    dropout: DropoutMask? = nil, into out: Tensor, scale: Float = 1
  ) throws {
    let d = x.shape[1]
    if isReference {
      var x = x
      if let dropout {
        let dropped = try empty(x.shape)
        try applyDropout(dropout, x, base: nil, into: dropped)
        x = dropped
      }
      withExtendedLifetime(x) {
        SegmentSumReference.add(
          x.floats, RowIndex(index), weights: weights?.floats, perEntry: perEntry,
          into: out.floats, width: d, scale: scale)
      }
      return
    }
    if index.rows.count == 0 { return }
    // As many whatever the rows, so that the memory of a batch depends on its size alone.
    let pieces = try empty([max(index.maximumPieceCount, 1), d])
    let grid: Grid
    switch tuning {
    case .cpu: grid = Grid(groups: index.rows.count)
    case .gpu:
      grid = Grid(groups: (index.rows.count, d.dividedRoundingUp(by: 32), 1), size: (8, 32, 1))
    }
    try launch(
      "segment_sum", in: "segment_sum", grid,
      cost: KernelCost(bytes: Double(4 * d * (index.order.count + 2 * index.rows.count))), x,
      weights ?? x, Int32(weights == nil ? 0 : 1), Int32(perEntry),
      OptionalDropout(dropout, unused: x), index.rows, index.rowOffsets, index.order, out, pieces,
      Int32(d), scale)
    if index.longRows.count == 0 { return }
    let vectorWidth = if case .cpu(let width) = tuning { width } else { 1 }
    try launch(
      "segment_sum_pieces", in: "segment_sum",
      Grid(groups: (d.dividedRoundingUp(by: vectorWidth), index.longRows.count, 1)),
      cost: KernelCost(bytes: Double(4 * pieces.count)), pieces, index.longRows,
      index.pieceOffsets, out, Int32(d), scale)
  }
}
