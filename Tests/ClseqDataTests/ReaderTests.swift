import ClseqData
import ClseqTestSupport
import Testing

private func rows(
  _ name: String, _ text: String, format: LogFormat? = nil
) throws -> (rows: [LogRow], format: LogFormat) {
  let file = try TemporaryFile(name, text)
  let options = ReadingOptions(format: format)
  let recognized = try InteractionStream(path: file.path, options: options).format
  return (try LogRow.read(file.path, options), recognized)
}

@Suite struct ReaderTests {
  @Test func eventText() throws {
    let read = try rows("log.txt", "ann tea\nbob  rice\nann\tjam\n")
    #expect(read.format == .events)
    #expect(read.rows == [LogRow("ann", "tea"), LogRow("bob", "rice"), LogRow("ann", "jam")])
  }

  @Test func sequenceText() throws {
    let read = try rows("log.txt", "ann tea jam tea\nbob rice\n")
    #expect(read.format == .sequences)
    #expect(
      read.rows == [
        LogRow("ann", "tea"), LogRow("ann", "jam"), LogRow("ann", "tea"), LogRow("bob", "rice"),
      ])
  }

  @Test func interFindsColumnsByName() throws {
    let text =
      "timestamp:float\titem_id:token\trating:float\tuser_id:token\n"
      + "1.5e3\tgreen tea\t\tann\n-2\tjam\t4\tbob\n"
    let read = try rows("log.inter", text)
    #expect(read.format == .inter)
    #expect(
      read.rows == [LogRow("ann", "green tea", 1_500_000_000), LogRow("bob", "jam", -2_000_000)])
  }

  @Test func interWithoutTimeKeepsFileOrder() throws {
    let read = try rows("log.inter", "user_id:token\titem_id:token\nann\ttea\nann\tjam\n")
    #expect(read.rows == [LogRow("ann", "tea"), LogRow("ann", "jam")])
  }

  @Test(arguments: [
    "ann tea\nbob jam\n", "\u{FEFF}ann tea\nbob jam\n", "ann tea\r\nbob jam\r\n",
    "ann tea\nbob jam", "ann tea\nbob jam\n\n", "ann tea\r\nbob jam\r\n\r\n",
    " ann tea \nbob\t jam",
  ])
  func harmlessVariations(_ text: String) throws {
    let read = try rows("log.txt", text)
    #expect(read.rows == [LogRow("ann", "tea"), LogRow("bob", "jam")])
  }

  @Test func interWithMarkAndCarriageReturns() throws {
    let text = "\u{FEFF}user_id:token\titem_id:token\ttimestamp:float\r\nann\ttea\t7\r\n\r\n"
    let read = try rows("log.txt", text)
    #expect(read.format == .inter)
    #expect(read.rows == [LogRow("ann", "tea", 7_000_000)])
  }

  @Test func tokensAreOpaqueUnicode() throws {
    let read = try rows("log.txt", "Zoë 緑茶\nZoë 🍵\nZoe\u{308} x:y\n")
    // The third is another spelling of the same name, and so another token.
    #expect(read.rows.map(\.item) == ["緑茶", "🍵", "x:y"])
    #expect(read.rows.map { Array($0.user.utf8).count } == [4, 4, 5])
  }

  /// Lines across the borders of the reader's buffer, and one far longer than it.
  @Test func manyAndLongLines() throws {
    let count = 60_000
    let events = (0..<count).map { "user\($0 % 97) item\($0 % 1_013)" }
    let read = try rows("log.txt", events.joined(separator: "\n"))
    #expect(read.rows.count == count)
    #expect(
      read.rows.enumerated().allSatisfy {
        $1 == LogRow("user\($0 % 97)", "item\($0 % 1_013)")
      })
    let long = "ann " + (0..<100_000).map { "item\($0)" }.joined(separator: " ")
    let sequence = try rows("log.txt", long + "\nbob x\n", format: .sequences)
    #expect(sequence.rows.count == 100_001)
    #expect(sequence.rows[99_999] == LogRow("ann", "item99999"))
    #expect(sequence.rows.last == LogRow("bob", "x"))
  }

  @Test(arguments: [
    ("log.inter", "whatever\n", LogFormat.inter),
    ("log.txt", "user_id:token\titem_id:token\n", .inter),
    ("log.txt", "a:token b:token\n", .events),
    ("log.txt", "u1 a\nu2 b\n", .events),
    ("log.txt", "u1 a\nu1 b c\n", .events),
    ("log.txt", "u1 a b\nu2 c\n", .sequences),
    ("log.txt", "u1 a b\nu2 c d\n", .sequences),
    ("log.csv", "whatever\n", .csv),
    ("log.csv.gz", "whatever\n", .csv),
    ("log.tsv.zst", "whatever\n", .tsv),
    ("log.ndjson", "whatever\n", .jsonLines),
    ("u.data", "196\t242\t3\t881250949\n", .movieLensTab),
    ("ratings.dat", "1::1193::5::978300760\n", .movieLensDat),
    ("log.txt", " {\"user\": 1}\n", .jsonLines),
    ("log.txt", "userId,movieId,rating,timestamp\n", .csv),
    ("log.txt", "User ID\tItem ID\n", .tsv),
    ("log.txt", "user item\n", .events),
  ])
  func recognisedFormat(_ name: String, _ text: String, _ expected: LogFormat) throws {
    let file = try TemporaryFile(name, text)
    #expect(try InteractionStream(path: file.path).format == expected)
  }

  @Test func formatCanBeForced() throws {
    let read = try rows("log.txt", "u1 a b\nu1 c\n", format: .sequences)
    #expect(read.rows == [LogRow("u1", "a"), LogRow("u1", "b"), LogRow("u1", "c")])
  }
}
