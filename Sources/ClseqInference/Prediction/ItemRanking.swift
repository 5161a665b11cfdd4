import ClseqBase
import ClseqData
import ClseqOps

/// Finds the items that score best against states, among those that a request allows.
struct ItemRanking {
  private let backend: Backend
  private let request: RankingRequest
  /// The rule for items of the history.
  let seen: SeenRule
  /// Item vectors, `[rows, D]`.
  private let table: Tensor
  /// Row of the first item.
  let firstItem: Int
  /// Items of the rows from there on, ascending; nil for all items.
  private let candidates: [Int32]?
  let itemCount: Int
  /// The unknown item, which is never ranked, is above V.
  private let catalogueSize: Int

  /// - Parameters:
  ///   - table: Vectors of all items.
  ///   - seen: The rule for items of the history.
  ///   - catalogueSize: V.
  /// - Throws: `DataError.unfit` where the request leaves no item; `OpenCLError`.
  init(
    _ request: RankingRequest, seen: SeenRule, table: Parameter, catalogueSize: Int,
    on backend: Backend
  ) throws {
    self.seen = seen
    self.backend = backend
    self.request = request
    self.catalogueSize = catalogueSize
    guard request.allowed != nil || !request.denied.isEmpty else {
      (self.table, firstItem, candidates, itemCount) = (table.value, 1, nil, catalogueSize)
      return
    }
    // The rows of candidates become a table of their own: no list of the others is needed.
    let chosen = (1...Int32(catalogueSize)).filter {
      request.allowed?.contains($0) ?? true && !request.denied.contains($0)
    }
    guard !chosen.isEmpty else {
      throw DataError.unfit(
        path: "items to choose from", what: "none is left", expected: "an item that is allowed")
    }
    self.table = try backend.gatherRows(table.value, rows: try backend.indices(chosen))
    (firstItem, candidates, itemCount) = (0, chosen, chosen.count)
  }

  /// Adds to an upload where each user's exclusions start, and all of them.
  func exclusions(
    of users: [Int32], in dataset: SequenceDataset, in plan: inout UploadPlan
  ) -> (offsets: UploadPlan.Integers, rows: UploadPlan.Integers) {
    var (offsets, rows): ([Int32], [Int32]) = ([0], [])
    for user in users {
      if seen == .exclude { rows += seenRows(of: dataset[Int(user)]) }
      offsets.append(Int32(rows.count))
    }
    return (plan.integers(offsets), plan.integers(rows))
  }

  /// The rows of the items of a history, ascending, each once.
  func seenRows(of history: some Sequence<Int32>) -> [Int32] {
    Set(history).filter { $0 >= 1 && $0 <= catalogueSize }.sorted().compactMap(row)
  }

  /// The item of a row.
  func item(atRow row: Int32) -> Int32 { candidates?[Int(row)] ?? row }

  /// The row of an item in the table; nil for one that is not ranked anyway.
  func row(of item: Int32) -> Int32? {
    guard let candidates else { return item }
    let place = candidates.partitioningIndex { $0 >= item }
    return place < candidates.count && candidates[place] == item ? Int32(place) : nil
  }

  /// Hands on the scores of all rows from the first item on, state by state.
  ///
  /// - Parameters:
  ///   - states: `[S, D]`.
  ///   - body: Takes a state's number and its scores, which it may change.
  func scores(
    _ states: Tensor, _ body: (Int, UnsafeMutableBufferPointer<Float>) throws -> Void
  ) throws {
    try backend.readScores(states, table: table, firstItem: firstItem, itemCount: itemCount, body)
  }

  /// The best items for each state.
  ///
  /// - Parameters:
  ///   - states: `[S, D]`.
  ///   - exclusions: What `exclusions(of:in:in:)` added.
  func top(_ states: Tensor, excluding exclusions: UserRows) throws -> [[RankedItem]] {
    let count = min(request.count, itemCount)
    let best = try backend.topItems(
      count, states, table: table, excluding: exclusions, firstItem: firstItem,
      itemCount: itemCount)
    let (rows, scores) = (try backend.read(best.rows), try backend.read(best.scores))
    return (0..<states.shape[0]).map { state in
      (state * count..<(state + 1) * count).compactMap { place in
        guard rows[place] >= 0 else { return nil }
        return RankedItem(
          item: item(atRow: rows[place]), score: scores[place])
      }
    }
  }
}
