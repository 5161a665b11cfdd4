extension Backend {
  /// Hands on the scores of all items for each user, read to the host: the product of the user's vector and
  /// each item's row.
  ///
  /// They have the same bits as those that ``topItems(_:_:table:excluding:firstItem:itemCount:)`` compares.
  /// At most 8 MiB of them, or those of 64 users, are in memory at a time.
  ///
  /// - Parameters:
  ///   - x: users `[B, D]`.
  ///   - table: item vectors `[rows, D]`.
  ///   - firstItem: row of the first item.
  ///   - itemCount: number of items V.
  ///   - body: takes a user, in ascending order, and the scores `[V]`, which it may change.
  /// - Throws: `OpenCLError.overBudget` when memory runs out; other errors of a launch; those of `body`.
  package func readScores(
    _ x: Tensor, table: Tensor, firstItem: Int, itemCount: Int,
    _ body: (_ user: Int, _ scores: UnsafeMutableBufferPointer<Float>) throws -> Void
  ) throws {
    let ranking = Ranking(
      backend: self, x: x, table: try isReference ? floatTable(table) : table, exclusions: nil,
      firstItem: firstItem, itemCount: itemCount)
    ranking.checkShapes()
    if isReference {
      for user in 0..<ranking.users {
        var scores = ranking.scoresOnReference(user)
        try scores.withUnsafeMutableBufferPointer { try body(user, $0) }
      }
      return
    }
    try ranking.forEachChunk { chunk, scores, stride in
      var values = try read(scores)
      try values.withUnsafeMutableBufferPointer { values in
        for (row, user) in chunk.enumerated() {
          let start = row * stride
          try body(user, UnsafeMutableBufferPointer(rebasing: values[start..<start + itemCount]))
        }
      }
    }
  }
}
