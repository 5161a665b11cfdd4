import ClseqRuntime

/// Rows of each of B users: those that a ranking leaves out, or those that it is restricted to.
public struct UserRows {
  /// Where each user's rows start, and where the last user's end, `[B + 1]`.
  public let offsets: Indices
  /// All users' rows.
  public let rows: Indices

  /// Rows `rows[offsets[b]] ..< rows[offsets[b + 1]]` are those of user b.
  public init(offsets: Indices, rows: Indices) {
    self.offsets = offsets
    self.rows = rows
  }
}

extension Backend {
  /// The rank, from 0, of each user's target among the items that are not excluded.
  ///
  /// The score of an item is the product of the user's vector and the item's row. An item whose
  /// score is not smaller than the target's counts against the target, as does a comparison with
  /// NaN: constant scores get the worst rank. Scores are computed for a few hundred users at a
  /// time.
  ///
  /// - Parameters:
  ///   - x: users `[B, D]`.
  ///   - table: item vectors `[rows, D]`.
  ///   - targets: the row of each user's target, `[B]`; one that is not an item, or is excluded, is
  ///     a miss: its rank is `itemCount`.
  ///   - exclusions: rows left out, ascending within a user.
  ///   - firstItem: row of the first item.
  ///   - itemCount: number of items.
  /// - Returns: ranks `[B]`.
  /// - Throws: `OpenCLError.overBudget` when memory runs out; other errors of a launch.
  public func rankTargets(
    _ x: Tensor, table: Tensor, targets: Indices, excluding exclusions: UserRows, firstItem: Int,
    itemCount: Int
  ) throws -> Indices {
    let ranking = Ranking(
      backend: self, x: x, table: try isReference ? floatTable(table) : table,
      exclusions: exclusions, firstItem: firstItem, itemCount: itemCount)
    ranking.checkShapes()
    precondition(
      targets.count == x.shape[0], "rankTargets: \(targets.count) targets of \(x.shape)")
    let ranks = try emptyIndices(ranking.users)
    if isReference {
      ranking.rankOnReference(targets, into: ranks)
    } else {
      try ranking.forEachChunk { chunk, scores, stride in
        try launch(
          "ranking_rank", in: ranking.source, after: ranking.shared, options: ranking.options,
          ranking.rowGrid(chunk.count), scores, targets, exclusions.offsets, exclusions.rows, ranks,
          Int32(chunk.lowerBound), Int32(firstItem),
          Int32(itemCount), Int32(stride))
      }
    }
    return ranks
  }

  /// The `k` best items of each user that are not excluded, in descending order of score.
  ///
  /// Equal scores are ordered by row. Items whose score is NaN are left out. If fewer than `k`
  /// items remain, the remaining places have row -1 and score −∞.
  ///
  /// - Parameters:
  ///   - k: number of items per user.
  ///   - x: users `[B, D]`.
  ///   - table: item vectors `[rows, D]`.
  ///   - exclusions: rows left out, ascending within a user.
  ///   - firstItem: row of the first item.
  ///   - itemCount: number of items.
  /// - Returns: rows `[B · k]` and scores `[B, k]`.
  /// - Throws: `OpenCLError.overBudget` when memory runs out; other errors of a launch.
  public func topItems(
    _ k: Int, _ x: Tensor, table: Tensor, excluding exclusions: UserRows, firstItem: Int,
    itemCount: Int
  ) throws -> (rows: Indices, scores: Tensor) {
    let ranking = Ranking(
      backend: self, x: x, table: try isReference ? floatTable(table) : table,
      exclusions: exclusions, firstItem: firstItem, itemCount: itemCount)
    ranking.checkShapes()
    precondition(k > 0, "topItems: \(k) items")
    let rows = try emptyIndices(ranking.users * k)
    let best = try empty([ranking.users, k])
    if isReference {
      ranking.topOnReference(k, rows: rows, scores: best)
    } else {
      try ranking.forEachChunk { chunk, scores, stride in
        try launch(
          "ranking_top", in: ranking.source, after: ranking.shared, options: ranking.options,
          ranking.rowGrid(chunk.count), scores, exclusions.offsets, exclusions.rows, rows, best,
          Int32(chunk.lowerBound),
          Int32(firstItem), Int32(itemCount), Int32(stride), Int32(k))
      }
    }
    return (rows, best)
  }
}

/// Scores of all items for a chunk of users at a time, and the rankings from them.
struct Ranking {
  let backend: Backend
  /// `[B, D]`.
  let x: Tensor
  /// `[rows, D]`.
  let table: Tensor
  /// Nil where scores alone are wanted.
  let exclusions: UserRows?
  let firstItem: Int
  let itemCount: Int

  var users: Int { x.shape[0] }
  var width: Int { x.shape[1] }
  /// Largest workspace for the scores of a chunk.
  private var scoreByteCount: Int { 8 << 20 }

  func checkShapes() {
    precondition(
      x.shape.count == 2 && table.shape.count == 2 && x.shape[1] == table.shape[1],
      "ranking: users \(x.shape), table \(table.shape)")
    precondition(
      exclusions.map { $0.offsets.count == x.shape[0] + 1 } ?? true,
      "ranking: \(exclusions?.offsets.count ?? 0) offsets for users \(x.shape)")
    precondition(
      firstItem >= 0 && itemCount > 0 && firstItem + itemCount <= table.shape[0],
      "ranking: \(itemCount) items from row \(firstItem) of \(table.shape)")
  }

  /// Source of the kernels that rank one user's scores.
  var source: StaticString { backend.tuning == .gpu ? "ranking_gpu" : "ranking_cpu" }

  /// The sources that are compiled before it.
  var shared: [StaticString] { backend.tuning == .gpu ? [] : ["tile_cpu"] }

  /// The same for all its kernels, so that they are one program.
  var options: KernelOptions {
    guard case .cpu(let vectorWidth) = backend.tuning else { return [:] }
    return ["TILE_ROWS": vectorWidth / 2, "TILE_VECTORS": 3, "BLOCK_ROWS": 24] + table.tableOptions
  }

  /// Items that a work-item of a CPU scores at once.
  private func panel(_ vectorWidth: Int) -> Int { 3 * vectorWidth }

  /// One work-group per user of a chunk.
  func rowGrid(_ count: Int) -> Grid {
    Grid(groups: count, size: backend.tuning == .gpu ? 128 : 1)
  }

  /// Computes scores chunk by chunk, and calls the body with the users, their scores and the length
  /// of a row.
  func forEachChunk(_ body: (Range<Int>, Tensor, Int) throws -> Void) throws {
    switch backend.tuning {
    case .cpu(let vectorWidth): try forEachChunkOnCPU(panel(vectorWidth), body)
    case .gpu: try forEachChunkOnGPU(body)
    }
  }

  /// Users of a chunk whose rows of scores are `stride` long.
  private func capacity(_ stride: Int) -> Int {
    min(max(scoreByteCount / (stride * MemoryLayout<Float>.stride), 64), users)
  }

  private func cost(_ count: Int) -> KernelCost {
    KernelCost(flops: 2 * Double(count) * Double(width) * Double(itemCount))
  }

  private func forEachChunkOnCPU(
    _ panel: Int, _ body: (Range<Int>, Tensor, Int) throws -> Void
  ) throws {
    let panelCount = (itemCount + panel - 1) / panel
    let capacity = capacity(panelCount * panel)
    let panels = try backend.empty([panelCount, width, panel])
    let scores = try backend.empty([capacity, panelCount * panel])
    try backend.launch(
      "ranking_pack", in: source, after: shared, options: options, Grid(groups: panelCount), table,
      panels,
      Int32(firstItem), Int32(itemCount), Int32(width))
    for start in stride(from: 0, to: users, by: capacity) {
      let chunk = start..<min(start + capacity, users)
      try backend.launch(
        "ranking_score", in: source, after: shared, options: options,
        Grid(groups: (chunk.count + 23) / 24),
        cost: cost(chunk.count), x, panels, scores, Int32(start), Int32(chunk.count),
        Int32(panelCount), Int32(width))
      try body(chunk, scores, panelCount * panel)
    }
  }

  private func forEachChunkOnGPU(_ body: (Range<Int>, Tensor, Int) throws -> Void) throws {
    let capacity = capacity(itemCount)
    let scores = try backend.empty([capacity, itemCount])
    for start in stride(from: 0, to: users, by: capacity) {
      let chunk = start..<min(start + capacity, users)
      // The product of the loss's scores is the same; never by a matrix unit, so that ranks are exact.
      try backend.launch(
        "linear_cross_entropy_score", in: LinearCrossEntropy.GPUTiling.scoreSource,
        after: GPUTileForm(nil).shared, options: table.tableOptions,
        Grid(groups: ((itemCount + 63) / 64, (chunk.count + 63) / 64, 1), size: (64, 1, 1)),
        cost: cost(chunk.count), x, table, scores, Int32(start), Int32(chunk.count),
        Int32(firstItem), Int32(itemCount), Int32(itemCount), Int32(width))
      try body(chunk, scores, itemCount)
    }
  }

  // MARK: Reference

  func rankOnReference(_ targets: Indices, into ranks: Indices) {
    for user in 0..<users {
      ranks.values[user] = Int32(
        RankingReference.rank(
          of: Int(targets.values[user]) - firstItem, scores: scoresOnReference(user),
          excluded: excludedOnReference(user)))
    }
  }

  func topOnReference(_ k: Int, rows: Indices, scores: Tensor) {
    for user in 0..<users {
      let scoresOfUser = scoresOnReference(user)
      let top = RankingReference.top(
        k, scores: scoresOfUser, excluded: excludedOnReference(user))
      for place in 0..<k {
        let item = place < top.count ? top[place] : nil
        rows.values[user * k + place] = item.map { Int32(firstItem + $0) } ?? -1
        scores.floats[user * k + place] = item.map { scoresOfUser[$0] } ?? -.infinity
      }
    }
  }

  func scoresOnReference(_ user: Int) -> [Float] {
    RankingReference.scores(
      user: UnsafeMutableBufferPointer(rebasing: x.floats[user * width..<(user + 1) * width]),
      items: UnsafeMutableBufferPointer(
        rebasing: table.floats[firstItem * width..<(firstItem + itemCount) * width]))
  }

  /// Excluded items, counted from the first item.
  private func excludedOnReference(_ user: Int) -> Set<Int> {
    guard let exclusions else { return [] }
    let range = exclusions.offsets.values[user]..<exclusions.offsets.values[user + 1]
    return Set(range.map { Int(exclusions.rows.values[Int($0)]) - firstItem })
  }
}
