import ClseqRuntime

extension Backend {
  /// The rank, from 0, of each user's target among a few candidates given per user.
  ///
  /// Time and memory are proportional to the candidates, not to the items. Scores have the same
  /// bits as in ``rankTargets(_:table:targets:excluding:firstItem:itemCount:)``, and count in the
  /// same way.
  ///
  /// - Parameters:
  ///   - x: users `[B, D]`.
  ///   - table: item vectors `[rows, D]`.
  ///   - targets: the row of each user's target, `[B]`; one that is not an item has rank
  ///     `itemCount`.
  ///   - candidates: the rows that are ranked, each once per user; the target may be among them and
  ///     never counts.
  ///   - firstItem: row of the first item.
  ///   - itemCount: number of items.
  /// - Returns: ranks `[B]`.
  /// - Throws: `OpenCLError.overBudget` when memory runs out; other errors of a launch.
  public func rankTargets(
    _ x: Tensor, table: Tensor, targets: Indices, among candidates: UserRows, firstItem: Int,
    itemCount: Int
  ) throws -> Indices {
    let (users, width) = (x.shape[0], x.shape[1])
    precondition(
      x.shape.count == 2 && table.shape.count == 2 && width == table.shape[1]
        && candidates.offsets.count == users + 1 && targets.count == users,
      "rankTargets: users \(x.shape), table \(table.shape), \(targets.count) targets, "
        + "\(candidates.offsets.count) offsets")
    precondition(
      firstItem >= 0 && itemCount > 0 && firstItem + itemCount <= table.shape[0],
      "rankTargets: \(itemCount) items from row \(firstItem) of \(table.shape)")
    let ranks = try emptyIndices(users)
    if isReference {
      let table = try floatTable(table)
      defer { withExtendedLifetime(table) {} }
      let items = UnsafeMutableBufferPointer(
        rebasing: table.floats[firstItem * width..<(firstItem + itemCount) * width])
      for user in 0..<users {
        let range = candidates.offsets.values[user]..<candidates.offsets.values[user + 1]
        ranks.values[user] = Int32(
          RankingReference.rank(
            of: Int(targets.values[user]) - firstItem,
            user: UnsafeMutableBufferPointer(rebasing: x.floats[user * width..<(user + 1) * width]),
            items: items,
            candidates: range.lazy.map { Int(candidates.rows.values[Int($0)]) - firstItem }))
      }
      return ranks
    }
    let size = tuning == .gpu ? 64 : 1
    try launch(
      "ranking_candidates", in: "ranking_candidates", options: table.tableOptions,
      Grid(groups: users, size: size),
      cost: KernelCost(flops: 2 * Double(candidates.rows.count) * Double(width)), x, table,
      targets, candidates.offsets, candidates.rows, ranks, Int32(firstItem), Int32(itemCount),
      Int32(width))
    return ranks
  }
}
