/// Many lists of items or users in one array: row r is `members[offsets[r]..<offsets[r + 1]]`.
struct ItemLists: Sendable {
  private(set) var members: [Int32] = []
  private(set) var offsets: [Int] = [0]

  /// No rows.
  init() {}

  /// Gathers the second numbers of pairs by the first ones, by counting; the order of the pairs is
  /// kept within a row.
  ///
  /// - Parameters:
  ///   - rowCount: Above every first number.
  ///   - pairs: Calls its argument with each pair; it is called twice and must give the same pairs.
  init(rowCount: Int, pairs: (_ take: (Int, Int32) -> Void) -> Void) {
    var offsets = [Int](repeating: 0, count: rowCount + 1)
    pairs { row, _ in offsets[row + 1] += 1 }
    for row in 0..<rowCount { offsets[row + 1] += offsets[row] }
    var next = offsets
    var members = [Int32](repeating: 0, count: offsets[rowCount])
    pairs { row, member in
      members[next[row]] = member
      next[row] += 1
    }
    self.offsets = offsets
    self.members = members
  }

  var rowCount: Int { offsets.count - 1 }

  subscript(row: Int) -> ArraySlice<Int32> {
    members[offsets[row]..<offsets[row + 1]]
  }

  /// Adds a row.
  mutating func append(_ row: some Sequence<Int32>) {
    members.append(contentsOf: row)
    offsets.append(members.count)
  }
}
