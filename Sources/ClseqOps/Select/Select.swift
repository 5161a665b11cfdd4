import ClseqRuntime

extension Tape {
  /// Rows of one matrix, or of another that is constant: `y[n] = choices[n] < 0 ? x[n] : other[n]`.
  ///
  /// - Parameters:
  ///   - x: `[N, D]`; its rows that are not in the result have no gradient.
  ///   - other: `[N, D]`, which gets no gradient.
  ///   - choices: `[N]`.
  /// - Returns: `[N, D]`.
  /// - Throws: `OpenCLError` when memory runs out or a launch fails.
  public func selectRows(_ x: Tensor, _ other: Tensor, where choices: Indices) throws -> Tensor {
    precondition(
      x.shape.count == 2 && x.shape == other.shape && choices.count == x.shape[0],
      "selectRows: \(x.shape) and \(other.shape), \(choices.count) choices")
    let y = try backend.empty(x.shape)
    try backend.selectRows(x, other, choices, into: y)
    record(y) { [x = x.identity] tape, dy in
      let slot = try tape.gradientSlot(of: x)
      try tape.backend.selectRows(dy, nil, choices, base: slot.addend, into: slot.out)
    }
    return y
  }
}

extension Backend {
  /// Items of events, some of them replaced: `out[n] = choices[n] < 0 ? items[n] : others[choices[n]]`.
  ///
  /// - Parameters:
  ///   - items: `[N]`.
  ///   - others: `[K]`; where one is below 0, as of a ranking without a number, the event keeps its item.
  ///   - choices: `[N]`, each below K; the caller checks that.
  /// - Returns: `[N]`.
  /// - Throws: `OpenCLError` when memory runs out or a launch fails.
  public func selectItems(
    _ items: Indices, _ others: Indices, where choices: Indices
  ) throws -> Indices {
    precondition(
      items.count == choices.count,
      "selectItems: \(items.count) items, \(choices.count) choices")
    let out = try emptyIndices(items.count)
    if isReference {
      SelectReference.items(items.values, others.values, choices.values, out.values)
    } else {
      let count = items.count
      try launch(
        "select_items", in: "select", tuning.elementGrid(count),
        cost: KernelCost(bytes: Double(12 * count)), items, others, choices, out, Int32(count))
    }
    return out
  }

  /// `y = base + (choices < 0 ? a : b)` by rows, with zeros where there is no `b`.
  fileprivate func selectRows(
    _ a: Tensor, _ b: Tensor?, _ choices: Indices, base: Tensor? = nil, into y: Tensor
  ) throws {
    let (count, width) = (y.shape[0], y.shape[1])
    if isReference {
      SelectReference.rows(
        a.floats, b?.floats, choices.values, base: base?.floats, y.floats, width: width)
    } else {
      try launch(
        "select_rows", in: "select", tuning.rowGrid(count),
        cost: KernelCost(bytes: Double(8 * y.count)), a, b ?? a, Int32(b == nil ? 0 : 1), choices,
        base ?? y, Int32(base == nil ? 0 : 1), y, Int32(count), Int32(width))
    }
  }
}
