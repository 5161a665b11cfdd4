import ClseqOps
import Testing

@Suite struct RowIndexTests {
  @Test func groupsEventsByRow() {
    let index = RowIndex([4, 1, 4, 0, 4, 1], rowCount: 6)
    #expect(index.rows == [0, 1, 4])
    #expect(index.rowOffsets == [0, 1, 3, 6])
    #expect(index.order == [3, 1, 5, 0, 2, 4])
  }

  @Test func emptyBatch() {
    let index = RowIndex([], rowCount: 3)
    #expect(index.rows.isEmpty && index.order.isEmpty && index.rowOffsets == [0])
  }

  /// Short tables and long ones, whose events alone are sorted; full and empty batches.
  @Test(arguments: [1, 2, 4_097, 10_000_000], [0, 1, 3_000])
  func groupsEventsOfAnyTable(_ rowCount: Int, _ events: Int) {
    // Every third event has one of the last rows, the others are spread.
    let ids = (0..<events).map { event in
      Int32(event % 3 == 0 ? rowCount - 1 - event % min(rowCount, 2) : event * 7_919 % rowCount)
    }
    let index = RowIndex(ids, rowCount: rowCount)
    let groups = Dictionary(grouping: ids.indices.map(Int32.init)) { ids[Int($0)] }
    let rows = groups.keys.sorted()
    #expect(index.rows == rows)
    #expect(index.order == rows.flatMap { groups[$0] ?? [] })
    #expect(index.rowOffsets.count == rows.count + 1)
    for (place, row) in rows.enumerated() {
      #expect(Int(index.rowOffsets[place + 1] - index.rowOffsets[place]) == groups[row]?.count)
    }
  }
}
