import ClseqData

/// The rows of an item table, as rows of another one.
struct ItemRows {
  /// By new row; nil for an item that the old table lacks.
  let rows: [Int?]
  /// Items of both.
  let knownCount: Int
  /// V of the old table.
  private let oldCount: Int

  /// - Parameters:
  ///   - vocabulary: Of the new table.
  ///   - old: Of the old one.
  ///   - hasMask: Whether both have a mask.
  ///   - summaries: Whether the new table has a summary, and whether the old one has.
  init(
    _ vocabulary: Vocabulary, in old: Vocabulary, hasMask: Bool, summaries: (new: Bool, old: Bool)
  ) {
    let known = (1...vocabulary.count).map { old.index(of: vocabulary[$0]).map(Int.init) }
    var rows = [0] + known
    // What is rare or new to the new run is most like what was so to the old one.
    if vocabulary.hasUnknown { rows.append(old.unknown.map(Int.init)) }
    if hasMask { rows.append(old.rowCount) }
    if summaries.new { rows.append(summaries.old ? old.rowCount + 1 : nil) }
    self.rows = rows
    knownCount = known.count { $0 != nil }
    oldCount = old.count
  }

  /// The mean of the old table's items.
  func mean(of values: [Float], width: Int) -> [Float] {
    var sums = [Double](repeating: 0, count: width)
    for row in 1...oldCount {
      for column in 0..<width { sums[column] += Double(values[row * width + column]) }
    }
    return sums.map { Float($0 / Double(oldCount)) }
  }
}
