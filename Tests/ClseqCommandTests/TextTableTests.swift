import ClseqCommand
import Testing

@Suite struct TextTableTests {
  @Test func columnsAreAligned() {
    var table = TextTable(header: ["metric", "test"])
    table.append(["NDCG@10", "0.1799"])
    table.append(["HR@5", "0.2"])
    #expect(
      table.text == """
        metric     test
        -------  ------
        NDCG@10  0.1799
        HR@5        0.2

        """)
  }

  @Test func alignmentIsChosen() {
    var table = TextTable(header: ["n", "field"], alignment: [.right, .left])
    table.append(["10", "é"])
    table.append(["9", ""])
    #expect(table.text == " n  field\n--  -----\n10  é\n 9\n")
  }
}
