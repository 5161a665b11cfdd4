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
    #expect(index.entries.map(\.row) == rows)
    #expect(index.entries.map { Array($0.events) } == rows.map { groups[$0] ?? [] })
    #expect(index.order == rows.flatMap { groups[$0] ?? [] })
    #expect(index.rowOffsets.count == index.rows.count + 1)
    for (start, end) in zip(index.rowOffsets, index.rowOffsets.dropFirst()) {
      #expect(start < end && Int(end - start) <= RowIndex.pieceLength)
    }
  }

  /// 256 events are a segment, 257 are two pieces.
  @Test func longRowsAreCut() {
    let ids = (0..<1_200).map { event -> Int32 in event < 256 ? 3 : event < 513 ? 5 : 7 }
    let index = RowIndex(ids, rowCount: 9)
    #expect(index.rows == [3, -1, -2, -3, -4, -5])
    #expect(index.rowOffsets == [0, 256, 512, 513, 769, 1_025, 1_200])
    #expect(index.longRows == [5, 7])
    #expect(index.pieceOffsets == [0, 2, 5])
  }
}
