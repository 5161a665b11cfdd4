import ClseqNN
import ClseqTestSupport
import Foundation
import Testing

/// Crafted files, each with one error, and unusual files that are valid.
@Suite struct ParameterFileHeaderTests {
  typealias Reason = ParameterFileError.Reason

  /// A file of a header and zero bytes of data.
  static func file(_ header: String, data: Int = 0) -> [UInt8] {
    file(Array(header.utf8), data: data)
  }

  static func file(_ header: [UInt8], data: Int = 0) -> [UInt8] {
    length(UInt64(header.count)) + header + [UInt8](repeating: 0, count: data)
  }

  static func length(_ value: UInt64) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
  }

  /// The header of one tensor `a`.
  static func tensor(
    type: String = "F32", shape: String = "[2]", offsets: String = "[0,8]"
  ) -> String {
    "{\"a\":{\"dtype\":\"\(type)\",\"shape\":\(shape),\"data_offsets\":\(offsets)}}"
  }

  /// The header of two float tensors of these offsets and one extent each.
  static func pair(_ a: (Int, Int), _ b: (Int, Int)) -> String {
    func entry(_ name: String, _ range: (Int, Int)) -> String {
      "\"\(name)\":{\"dtype\":\"F32\",\"shape\":[\((range.1 - range.0) / 4)],"
        + "\"data_offsets\":[\(range.0),\(range.1)]}"
    }
    return "{\(entry("a", a)),\(entry("b", b))}"
  }

  static let accepted: [(String, [UInt8])] = [
    ("empty object", file("{}")),
    ("unaligned header", file(tensor(), data: 8)),
    ("trailing spaces", file(tensor() + "   ", data: 8)),
    ("zero extent", file(tensor(shape: "[0,7]", offsets: "[0,0]"))),
    ("scalar", file(tensor(shape: "[]", offsets: "[0,4]"), data: 4)),
    ("empty name", file("{\"\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}", data: 1)),
    ("other order", file(pair((4, 8), (0, 4)), data: 8)),
    ("empty between", file(pair((0, 0), (0, 4)), data: 4)),
    ("half bytes", file(tensor(type: "F4", shape: "[2]", offsets: "[0,1]"), data: 1)),
    (
      "unknown field",
      file(
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1],\"x\":[{}]}}", data: 1)
    ),
    ("metadata", file("{\"__metadata__\":{\"k\":\"v\"}}")),
    ("escapes", file("{\"__metadata__\":{\"\\ud83d\\ude00\\u00e9\\n\":\"\\\"\\\\\\/\"}}")),
  ]

  @Test(arguments: accepted)
  func accepts(name: String, bytes: [UInt8]) throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(bytes, to: "file")
    _ = try ParameterFile(readingFrom: path)
  }

  static let refused: [(String, [UInt8], Reason)] = [
    ("no bytes", [], .truncatedHeader),
    ("length beyond the file", length(3) + Array("{}".utf8), .truncatedHeader),
    ("longest length", length(.max) + Array("{}".utf8), .headerTooLong(.max)),
    ("over the limit", length(100_000_001) + Array("{}".utf8), .headerTooLong(100_000_001)),
    ("not UTF-8", file(Array("{\"".utf8) + [0xFF] + Array("\":1}".utf8)), .headerNotUTF8),
    ("byte order mark", file("\u{FEFF}{}"), .malformedHeader(offset: 0, expected: "'{'")),
    ("leading space", file(" {}"), .malformedHeader(offset: 0, expected: "'{'")),
    ("array", file("[]"), .malformedHeader(offset: 0, expected: "'{'")),
    ("no header", file(""), .malformedHeader(offset: 0, expected: "'{'")),
    ("trailing NUL", file("{}\0"), .malformedHeader(offset: 2, expected: "the end of the text")),
    (
      "trailing comma", file("{\"a\":1,}"),
      .malformedHeader(offset: 7, expected: "a key in quotes")
    ),
    (
      "control character", file("{\"a\u{1}\":1}"),
      .malformedHeader(offset: 3, expected: "a string without control characters")
    ),
    (
      "lone surrogate", file("{\"\\ud800\":1}"),
      .malformedHeader(offset: 2, expected: "an escape that is a character")
    ),
    ("leading zero", file("{\"a\":01}"), .malformedHeader(offset: 6, expected: "',' or '}'")),
    (
      "nesting", file("{\"a\":" + String(repeating: "[", count: 200)),
      .malformedHeader(offset: 132, expected: "at most 128 levels")
    ),
    (
      "metadata twice", file("{\"__metadata__\":{},\"__metadata__\":{}}"),
      .duplicateName("__metadata__")
    ),
    ("metadata number", file("{\"__metadata__\":{\"k\":1}}"), .malformedMetadata),
    ("metadata text", file("{\"__metadata__\":\"v\"}"), .malformedMetadata),
    (
      "name twice",
      file(
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]},"
          + "\"a\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}}"), .duplicateName("a")
    ),
    ("field twice", file("{\"a\":{\"dtype\":\"U8\",\"dtype\":\"U8\"}}"), .duplicateName("dtype")),
    (
      "no type", file("{\"a\":{\"shape\":[0],\"data_offsets\":[0,0]}}"),
      .malformedTensor(name: "a", expected: "'dtype', a string")
    ),
    (
      "unknown type", file(tensor(type: "F31"), data: 8),
      .unknownElementType(name: "a", type: "F31")
    ),
    ("negative extent", file(tensor(shape: "[-2]"), data: 8), shape),
    ("negative zero", file(tensor(shape: "[-0]", offsets: "[0,0]")), shape),
    ("fraction", file(tensor(shape: "[2.0]"), data: 8), shape),
    ("exponent", file(tensor(shape: "[2e0]"), data: 8), shape),
    ("extent above Int", file(tensor(shape: "[18446744073709551616]"), data: 8), shape),
    ("shape text", file(tensor(shape: "\"2\""), data: 8), shape),
    (
      "product overflows", file(tensor(shape: "[4294967296,4294967296]"), data: 8),
      .sizeOverflow(name: "a")
    ),
    (
      "bytes overflow", file(tensor(shape: "[4611686018427387904]"), data: 8),
      .sizeOverflow(name: "a")
    ),
    (
      "half a byte", file(tensor(type: "F4", shape: "[1]", offsets: "[0,1]"), data: 1),
      .sizeOverflow(name: "a")
    ),
    ("offsets reversed", file(tensor(offsets: "[8,0]"), data: 8), offsets),
    ("three offsets", file(tensor(offsets: "[0,8,8]"), data: 8), offsets),
    ("negative offset", file(tensor(offsets: "[-8,0]"), data: 8), offsets),
    (
      "size mismatch", file(tensor(offsets: "[0,4]"), data: 4),
      .sizeMismatch(name: "a", expected: 8, found: 4)
    ),
    (
      "hole", file(pair((0, 4), (8, 12)), data: 12),
      .notContiguous(name: "b", expected: 4, found: 8)
    ),
    (
      "hole at the start", file(tensor(offsets: "[4,12]"), data: 12),
      .notContiguous(name: "a", expected: 0, found: 4)
    ),
    (
      "overlap", file(pair((0, 8), (4, 12)), data: 12),
      .notContiguous(name: "b", expected: 8, found: 4)
    ),
    (
      "shared range", file(pair((0, 8), (0, 8)), data: 8),
      .notContiguous(name: "b", expected: 8, found: 0)
    ),
    ("missing bytes", file(tensor(), data: 7), .dataLength(expected: 8, found: 7)),
    ("trailing bytes", file(tensor(), data: 9), .dataLength(expected: 8, found: 9)),
    ("bytes without tensors", file("{}", data: 1), .dataLength(expected: 0, found: 1)),
  ]

  private static let shape = Reason.malformedTensor(
    name: "a", expected: "'shape', an array of non-negative integers")
  private static let offsets = Reason.malformedTensor(
    name: "a", expected: "'data_offsets', two integers in ascending order")

  @Test(arguments: refused)
  func refuses(name: String, bytes: [UInt8], reason: Reason) throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(bytes, to: "file")
    let error = #expect(throws: ParameterFileError.self) {
      _ = try ParameterFile(readingFrom: path)
    }
    #expect(error?.reason == reason)
    #expect(error?.file == path)
  }
}
