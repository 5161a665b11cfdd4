import ClseqData
import ClseqTestSupport
import Testing

/// Some bytes, and then `byte` over and over: more than anyone would write down.
private struct EndlessSource: ByteSource {
  var path = "endless.csv"
  var start: [UInt8]
  var byte: UInt8
  var remaining: Int

  mutating func fill(_ buffer: UnsafeMutableRawBufferPointer) -> Int {
    if !start.isEmpty {
      defer { start = [] }
      buffer.copyBytes(from: start)
      return start.count
    }
    let count = min(buffer.count, remaining)
    buffer[..<count].initializeMemory(as: UInt8.self, repeating: byte)
    remaining -= count
    return count
  }
}

extension UnsafeMutableRawBufferPointer.SubSequence {
  fileprivate func initializeMemory(as type: UInt8.Type, repeating byte: UInt8) {
    UnsafeMutableRawBufferPointer(rebasing: self).initializeMemory(as: type, repeating: byte)
  }
}

/// Files that must be refused, with the whole message; none may end the process.
@Suite struct BadFileTests {
  @Test(arguments: [
    ("u,i\na,b,c\n", ":2:5: expected 2 fields, found 3 fields"),
    ("u,i\na,b\na\n", ":3:2: expected 2 fields, found 1 field"),
    ("u,i,t\na,b,\"c\n", ":2:5: expected a closing quote, found the end of the file"),
    ("u,i\na,\"b\nc\"d\n", ":3:3: expected a separator after the closing quote, found more text"),
    (
      "u,i\na,b\"c\n",
      ":2:4: expected a field without quotes, or all in quotes, found a quote inside"
    ),
    ("u,i\na,\"b\"\"\n", ":2:3: expected a closing quote, found the end of the file"),
    ("u,i\na,b\0\n", ":2:4: expected UTF-8 text, found a NUL byte"),
    ("u,i\na,b\n\na,b\n", ":3:1: expected CSV, found a blank line"),
    (
      "u,i\n\"\",b\n",
      ":2:1: expected a user (events without one may be dropped), found nothing"
    ),
    ("u,i\na,\n", ":2:3: expected an item (events without one may be dropped), found nothing"),
    ("u,i,n\na,b,many\n", ":2:5: expected a number for n, found \"many\""),
    ("u,i,n\na,b,1e999\n", ":2:5: expected a number for n, found \"1e999\""),
    ("u,i,n\na,b,0x10\n", ":2:5: expected a number for n, found \"0x10\""),
    ("u,i,n\n\"a\n\",b,1\n", ":2:1: expected an id in one line, found one that holds a line feed"),
    ("u,i,x,n\na,b,\"\n\n\",1 2\n", ":4:3: expected a number for n, found \"1 2\""),
    ("u,i,r\na,b,good\n", ":2:5: expected a number for a label, found \"good\""),
    ("i\na\n", ":1:1: expected a column \"u\" for the user, found the columns i"),
    (
      "u;i\na;b\n",
      ":1:1: expected a column \"u\" for the user, found the columns u;i"
    ),
    ("u,i,\"n\n", ":1:5: expected a closing quote, found the end of the file"),
  ])
  func csv(_ text: String, _ message: String) throws {
    var columns = ColumnMapping([.user: "u", .item: "i"])
    if text.hasPrefix("u,i,n") || text.hasPrefix("u,i,x") {
      columns.features = [FeatureColumn("n")]
    }
    if text.hasPrefix("u,i,r") { columns[.label] = "r" }
    let file = try TemporaryFile("log.csv", text)
    let error = try #require(throws: DataError.self) {
      try LogRow.read(file.path, ReadingOptions(columns: columns))
    }
    #expect(error.description == file.path + message)
  }

  @Test(arguments: [
    ("ratings.dat", "1::2::3\n", ":1:8: expected 4 fields separated by ::, found 3 fields"),
    ("ratings.dat", "1::2::3::4::5\n", ":1:13: expected 4 fields separated by ::, found 5 fields"),
    ("ratings.dat", "1::2::3::4\0\n", ":1:11: expected text, found a NUL byte"),
    ("u.data", "1\t2\t3\n", ":1:6: expected 4 TAB-separated fields, found 3 fields"),
    ("u.data", "1\t2\tgood\t4\n", ":1:5: expected a number for a label, found \"good\""),
  ])
  func movieLens(_ name: String, _ text: String, _ message: String) throws {
    let file = try TemporaryFile(name, text)
    let error = try #require(throws: DataError.self) { try LogRow.read(file.path) }
    #expect(error.description == file.path + message)
  }

  @Test(arguments: [[0x80], [0xE7, 0xB7], [0xED, 0xA0, 0x80], [0xFF, 0xFE]] as [[UInt8]])
  func notUTF8(_ fault: [UInt8]) throws {
    let file = try TemporaryFile(
      "log.csv", bytes: Array("user,item\na,\"long enough\nb".utf8) + fault + Array("\"\n".utf8))
    #expect(
      throws: DataError.malformed(
        path: file.path, line: 3, column: 2, expected: "UTF-8 text",
        found: "a byte that is not UTF-8")
    ) { try LogRow.read(file.path) }
  }

  /// A line of 1 GB, and a quoted field of 1 GB: reading stops at the cap.
  @Test(arguments: [
    ("", "a", ":2:1: expected a line of at most 67108864 bytes, found a longer one"),
    (
      "a,\"", "\n",
      ":2:1: expected a record of at most 67108864 bytes, found a quoted field that goes on"
    ),
  ])
  func endless(_ start: String, _ byte: Character, _ message: String) throws {
    let source = EndlessSource(
      start: Array("user,item\n\(start)".utf8), byte: byte.asciiValue ?? 0, remaining: 1 << 30)
    var stream = try InteractionStream(source)
    let error = try #require(throws: DataError.self) { try stream.next() }
    #expect(error.description == "endless.csv" + message)
  }

  @Test func longFieldAndLongLineArePassedOver() throws {
    let long = String(repeating: "x", count: (1 << 20) + 1)
    let huge = String(repeating: "x", count: 1 << 26)
    let file = try TemporaryFile("log.csv", "user,item\na,\(long)\nb,c\n\(huge)\nd,e\n")
    #expect(
      throws: DataError.malformed(
        path: file.path, line: 2, column: 3, expected: "a field of at most 1048576 bytes",
        found: "one of 1048577")
    ) { try LogRow.read(file.path) }
    #expect(
      try LogRow.read(file.path, ReadingOptions(tolerated: .count(2)))
        == [LogRow("b", "c"), LogRow("d", "e")])
  }

  /// Numbers beyond every integer are ids like others.
  @Test func idsAreNoNumbers() throws {
    let id = String(repeating: "9", count: 400)
    #expect(
      try LogRow.read("log.csv", "user,item\n\(id),-1\n\(id)0,0x1\n")
        == [LogRow(id, "-1"), LogRow(id + "0", "0x1")])
  }

  @Test func tooManyEventTypes() throws {
    let lines = (0...32_767).map { "u,i,e\($0)\n" }.joined()
    let file = try TemporaryFile("log.csv", "user,item,event\n" + lines)
    #expect(
      throws: DataError.malformed(
        path: file.path, line: 32_769, column: 5, expected: "at most 32767 distinct event types",
        found: "\"e32767\"")
    ) { try LogRow.read(file.path) }
  }

  /// Random bytes of every kind of meaning: any error is right, a trap is not.
  @Test(arguments: LogFormat.allCases)
  func noise(_ format: LogFormat) throws {
    var state: UInt64 = 7
    let alphabet = Array("u,i\t\"\n\r{}[]:\\eE+-.019 tfn\u{e9}".utf8) + [0, 0xFF]
    for _ in 0..<2_000 {
      let bytes = (0..<40).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return alphabet[Int(state >> 33) % alphabet.count]
      }
      let head = format == .inter ? "user_id:token\titem_id:token\n" : "user,item\n"
      let prefix = [.inter, .csv].contains(format) ? Array(head.utf8) : []
      let source = EndlessSource(path: "noise", start: prefix + bytes, byte: 0, remaining: 0)
      let options = ReadingOptions(format: format, tolerated: .count(1_000))
      guard var stream = try? InteractionStream(source, options: options) else { continue }
      while (try? stream.next()) != nil {}
    }
  }
}
