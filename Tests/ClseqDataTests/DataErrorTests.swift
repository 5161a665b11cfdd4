import ClseqData
import ClseqTestSupport
import Testing

/// A file that must be refused, and what the refusal must name.
struct BadFile: Sendable, CustomTestStringConvertible {
  var name: String
  var text: String
  var line: Int
  var column: Int
  var expected: String
  var found: String

  static func text(
    _ text: String, line: Int, column: Int, expected: String, found: String
  ) -> BadFile {
    BadFile(
      name: "log.txt", text: text, line: line, column: column, expected: expected, found: found)
  }

  static func inter(
    _ text: String, line: Int, column: Int, expected: String, found: String
  ) -> BadFile {
    BadFile(
      name: "log.inter", text: text, line: line, column: column, expected: expected,
      found: found)
  }

  var testDescription: String { text.debugDescription }
}

private let header = "user_id:token\titem_id:token\ttimestamp:float\n"

@Suite struct DataErrorTests {
  private static let twoFields = "2 fields (user item)"
  static let badFiles: [BadFile] = [
    .text("u1 a\nu1 b 5\n", line: 2, column: 6, expected: twoFields, found: "3 fields"),
    .text("u1 a\nu1 b 5 6\n", line: 2, column: 6, expected: twoFields, found: "4 fields"),
    .text("u1 a\nu1\nu1 b\n", line: 2, column: 3, expected: twoFields, found: "1 field"),
    .text("u1 a\nu1 \n", line: 2, column: 4, expected: twoFields, found: "1 field"),
    .text(
      "u1 a\n\nu1 b\n", line: 2, column: 1, expected: "user item text", found: "a blank line"),
    .text(
      "u1 a b\nu2\n", line: 2, column: 3, expected: "a user and one or more items",
      found: "1 field"),
    .inter(
      header + "u\ti\n", line: 2, column: 4, expected: "3 TAB-separated fields",
      found: "2 fields"),
    .inter(
      header + "u\ti\t1\t2\n", line: 2, column: 7,
      expected: "3 TAB-separated fields", found: "4 fields"),
    .inter(
      header + "u\ti\t1\n\ti\t1\n", line: 3, column: 1, expected: "a user",
      found: "nothing"),
    .inter(
      header + "u\t\t1\n", line: 2, column: 3, expected: "an item",
      found: "nothing"),
    .inter(
      header + "u\ti\t\n", line: 2, column: 5, expected: "a time",
      found: "nothing"),
    .inter(
      "user_id:token\tthing:token\n", line: 1, column: 1,
      expected: "a column for the item, such as item_id", found: "the columns user_id, thing"),
    .inter(
      "user_id:token\titem_id\n", line: 1, column: 15, expected: "name:type",
      found: "\"item_id\""),
    .inter(
      "user_id:token\titem_id:float\n", line: 1, column: 15,
      expected: "item_id:token", found: "item_id:float"),
    .inter(
      "user_id:token\titem_id:token\titem_id:token\n", line: 1, column: 29,
      expected: "one column item_id", found: "2"),
  ]

  @Test(arguments: badFiles)
  func malformedLine(_ bad: BadFile) throws {
    let file = try TemporaryFile(bad.name, bad.text)
    let error = try #require(throws: DataError.self) {
      try SequenceDataset.load(path: file.path)
    }
    guard case .malformed(let path, let line, let column, let expected, let found) = error else {
      Issue.record("another error: \(error)")
      return
    }
    #expect(path == file.path && line == bad.line && column == bad.column)
    #expect(expected.contains(bad.expected))
    #expect(found.contains(bad.found))
    #expect(error.description.hasPrefix("\(file.path):\(bad.line):\(bad.column): expected "))
  }

  @Test(arguments: ["yesterday", "inf", "0x10", "1e999", "1,5", "1 2", "--1", "1e", "."])
  func timeThatIsNoNumber(_ time: String) throws {
    let file = try TemporaryFile("log.inter", header + "u\ti\t\(time)\n")
    #expect(
      throws: DataError.malformed(
        path: file.path, line: 2, column: 5, expected: "a time (a number, ISO 8601 or yyyymmdd)",
        found: "\"\(time)\"")
    ) { try SequenceDataset.load(path: file.path) }
  }

  /// Bytes that are not UTF-8: a stray continuation, a cut sequence, an overlong form, a
  /// surrogate, a value above U+10FFFF, Latin-1, and the mark of UTF-16.
  @Test(
    arguments: [
      [0x80], [0xE7, 0xB7], [0xC0, 0xAF], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE9],
      [0xFF, 0xFE], [0xF8, 0x88, 0x80, 0x80, 0x80],
    ] as [[UInt8]])
  func invalidUTF8(_ fault: [UInt8]) throws {
    let bytes = Array("u1 a\nu1 long-enough-緑茶".utf8) + fault + Array("\nu1 c\n".utf8)
    let file = try TemporaryFile("log.txt", bytes: bytes)
    #expect(
      throws: DataError.malformed(
        path: file.path, line: 2, column: 22, expected: "UTF-8 text",
        found: "a byte that is not UTF-8")
    ) { try SequenceDataset.load(path: file.path) }
  }

  @Test(arguments: [
    ("log.txt", ""), ("log.txt", "\u{FEFF}"), ("log.txt", "\n\n"), ("log.inter", ""),
    ("log.inter", "user_id:token\titem_id:token\n"),
  ])
  func emptyFile(_ name: String, _ text: String) throws {
    let file = try TemporaryFile(name, text)
    #expect(throws: DataError.empty(path: file.path)) {
      try SequenceDataset.load(path: file.path)
    }
  }

  @Test func missingFile() throws {
    let file = try TemporaryFile("log.txt", bytes: nil)
    #expect(throws: DataError.missingFile(path: file.path)) {
      try SequenceDataset.load(path: file.path)
    }
  }

  @Test func nobodyLeft() throws {
    let file = try TemporaryFile("log.txt", "u1 a\nu1 b\nu2 a\n")
    let error = try #require(throws: DataError.self) {
      try SequenceDataset.load(path: file.path)
    }
    #expect(error == .noUsersLeft(path: file.path, leftOut: 2, minimum: 3))
    #expect(error.description.contains("2 users have fewer than 3 events"))
  }
}
