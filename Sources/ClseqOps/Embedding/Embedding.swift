import ClseqRuntime

/// A table of vectors that are added to the embedding of an item, by its time.
public enum PositionTable {
  /// A trained table `[T, D]`.
  case learned(Parameter)
  /// A constant table `[T, D]`.
  case fixed(Tensor)

  fileprivate var values: Tensor {
    switch self {
    case .learned(let parameter): parameter.value
    case .fixed(let tensor): tensor
    }
  }
}

extension Tape {
  /// `dropout(scale · table[item] + positions[time])` of every event, in one pass: `[N, D]`.
  ///
  /// Items and times must be rows of the tables.
  ///
  /// - Parameters:
  ///   - events: N events; row indices are needed in training.
  ///   - table: `[rows, D]`.
  ///   - positions: The position embeddings; nil for none.
  ///   - scale: The factor of the embedding.
  ///   - rate: The probability of dropout.
  ///   - layer: name of the layer, for dropout.
  /// - Throws: `OpenCLError` when memory runs out or a launch fails.
  public func embedding(
    _ events: EventIndices, table: Parameter, positions: PositionTable? = nil, scale: Float = 1,
    dropout rate: DropoutRate = DropoutRate(0), layer: String
  ) throws -> Tensor {
    let d = table.shape[1]
    precondition(
      table.shape.count == 2 && (positions?.values.shape[1] ?? d) == d,
      "embedding: table \(table.shape), positions \(positions?.values.shape ?? [])")
    let mask = DropoutMask(key: randomKey(layer), rate: rate, events)
    let y = try backend.empty([events.count, d])
    try backend.embeddingForward(
      events, table: table.value, positions: positions?.values, scale: scale, mask: mask, into: y)
    record(y) { tape, dy in
      var trainedPositions: Parameter?
      if case .learned(let parameter) = positions, parameter.isTrained {
        trainedPositions = parameter
      }
      guard table.isTrained || trainedPositions != nil else { return }
      guard let itemRows = events.itemRows else {
        preconditionFailure("embedding: training needs EventIndices.itemRows")
      }
      var (dy, mask) = (dy, Optional(mask))
      // On a CPU random numbers between the sums of both tables take about three times as long as a pass
      // before them (`clseq bench step ML1M --max-length 200`, its table of kernels).
      if tape.backend.tuning != .gpu, let dropout = mask, dropout.key != nil {
        let dropped = try tape.backend.empty(dy.shape)
        try tape.backend.applyDropout(dropout, dy, base: nil, into: dropped)
        (dy, mask) = (dropped, nil)
      }
      if table.isTrained {
        try tape.backend.segmentSum(
          dy, itemRows, dropout: mask, into: table.gradient, scale: scale)
      }
      if let parameter = trainedPositions {
        guard let timeRows = events.timeRows else {
          preconditionFailure("embedding: learned positions need EventIndices.timeRows")
        }
        try tape.backend.segmentSum(dy, timeRows, dropout: mask, into: parameter.gradient)
      }
    }
    return y
  }
}

extension Backend {
  fileprivate func embeddingForward(
    _ events: EventIndices, table: Tensor, positions: Tensor?, scale: Float, mask: DropoutMask,
    into y: Tensor
  ) throws {
    if isReference {
      let table = try floatTable(table)
      withExtendedLifetime(table) {
        EmbeddingReference.forward(
          items: events.items.values, times: events.times.values, table: table.floats,
          positions: positions?.floats, y: y.floats, scale: scale)
      }
      try applyDropout(mask, y, base: nil, into: y)
      return
    }
    let (n, d) = (y.shape[0], y.shape[1])
    try launch(
      "embedding_forward", in: "embedding", options: table.tableOptions, tuning.rowGrid(n),
      cost: KernelCost(bytes: Double((8 + table.elementType.byteCount) * n * d)), table,
      positions ?? table,
      Int32(positions == nil ? 0 : 1), events.items, mask, y, Int32(n), Int32(d), scale)
  }
}
