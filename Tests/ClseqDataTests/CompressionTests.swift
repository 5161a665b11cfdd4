import ClseqData
import ClseqTestSupport
import Foundation
import Testing

@Suite struct CompressionTests {
  private static let text = (0..<50_000).map { "user\($0 % 97) item\($0 % 1_013)\n" }.joined()

  @Test(arguments: Compression.allCases)
  func readsCompressedLogs(_ compression: Compression) throws {
    let plain = try LogRow.read("log.txt", Self.text)
    let file = try TemporaryFile("log.txt", bytes: compression.compress(Array(Self.text.utf8)))
    #expect(try LogRow.read(file.path) == plain)
    #expect(plain.count == 50_000)
  }

  /// The hash names the data, however they are packed.
  @Test(arguments: Compression.allCases)
  func hashIsThatOfTheText(_ compression: Compression) throws {
    let bytes = Array("u1 a\nu1 b\nu1 c\n".utf8)
    let plain = try TemporaryFile("log.txt", bytes: bytes)
    let packed = try TemporaryFile("log.txt", bytes: compression.compress(bytes))
    #expect(
      try SequenceDataset.load(path: packed.path).source.hash
        == SequenceDataset.load(path: plain.path).source.hash)
  }

  /// `cat a.gz b.gz` is a stream too; a member may be empty, and end inside a line.
  @Test(arguments: Compression.allCases)
  func readsMembersOneAfterAnother(_ compression: Compression) throws {
    let parts = ["u1 a\nu1", " b\n", "", "u2 c\n"].map { compression.compress(Array($0.utf8)) }
    let file = try TemporaryFile("log.txt", bytes: parts.flatMap { $0 })
    #expect(
      try LogRow.read(file.path) == [LogRow("u1", "a"), LogRow("u1", "b"), LogRow("u2", "c")])
  }

  /// A reader that goes before its end leaves no thread behind that reads on.
  @Test(arguments: Compression.allCases)
  func aLogNeedNotBeReadToItsEnd(_ compression: Compression) throws {
    let file = try TemporaryFile("log.txt", bytes: compression.compress(Array(Self.text.utf8)))
    for _ in 0..<50 {
      var stream = try InteractionStream(path: file.path)
      #expect(try stream.next() != nil)
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").count < 50)
  }

  private func reason(
    _ bytes: [UInt8], _ options: ReadingOptions = ReadingOptions()
  ) throws -> String {
    let file = try TemporaryFile("log.txt", bytes: bytes)
    let error = try #require(throws: DataError.self) {
      try LogRow.read(file.path, options)
    }
    switch error {
    case .corrupt(file.path, let reason), .unsupported(file.path, let reason): return reason
    default: return "another error: \(error)"
    }
  }

  @Test(arguments: Compression.allCases, [1, 9, 4_000])
  func cutStream(_ compression: Compression, _ missing: Int) throws {
    let bytes = compression.compress(Array(Self.text.utf8)).dropLast(missing)
    #expect(try reason(Array(bytes)) == "the \(compression) stream ends in the middle")
  }

  @Test(arguments: Compression.allCases)
  func tolerancePassesOverNoDamage(_ compression: Compression) throws {
    let bytes = compression.compress(Array(Self.text.utf8)).dropLast(9)
    #expect(
      try reason(Array(bytes), ReadingOptions(tolerated: .count(1_000)))
        == "the \(compression) stream ends in the middle")
  }

  @Test(arguments: Compression.allCases)
  func damagedStream(_ compression: Compression) throws {
    var bytes = compression.compress(Array(Self.text.utf8))
    // Of gzip the check sum of the text, of zstd the text itself.
    let place = compression == .gzip ? bytes.count - 8 : bytes.count / 2
    for index in place..<place + 8 { bytes[index] ^= 0x5A }
    #expect(try reason(bytes).hasPrefix("the \(compression) stream is damaged: "))
  }

  @Test func bytesAfterTheStream() throws {
    let bytes = Compression.gzip.compress(Array("u1 a\n".utf8)) + [0, 0, 0]
    #expect(try reason(bytes) == "bytes that are not gzip follow the stream")
  }

  /// A second frame in the format of zstd 0.6, which libzstd would decode; then one to be skipped.
  @Test func framesOfOldFormats() throws {
    let frame = Compression.zstd.compress(Array("u1 a\n".utf8))
    let old: [UInt8] = [0x26, 0xB5, 0x2F, 0xFD, 0x04, 0xFB, 0x04, 0xFB]
    #expect(
      try reason(frame + old) == "the zstd stream is damaged, or of a format before version 0.8")
    let skipped: [UInt8] = [0x5A, 0x2A, 0x4D, 0x18, 2, 0, 0, 0, 7, 7]
    let lines = (0..<3).map { _ in Compression.zstd.compress(Array("u1 a\n".utf8)) }
    let file = try TemporaryFile("log.txt", bytes: Array(lines.joined(separator: skipped)))
    #expect(try SequenceDataset.load(path: file.path).eventCount == 3)
  }

  /// An empty last block where the header states 75 bytes: libzstd itself lets it pass.
  @Test func frameShortOfItsSize() throws {
    let frame: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD, 0x20, 75, 0x05, 0, 0]
    let line = Compression.zstd.compress(Array("u1 a\n".utf8))
    #expect(
      try reason(line + frame) == "the zstd stream is damaged: a frame of 75 bytes holds 0")
  }

  /// 80 MB of one line over and over: more than 64 MiB, and more than the asked 100 to 1.
  @Test(arguments: Compression.allCases)
  func bomb(_ compression: Compression) throws {
    let line = Array("u1 \(String(repeating: "a", count: 9_996))\n".utf8)
    let text = Array(repeatElement(line, count: 8_000).joined())
    let bytes = compression.compress(text)
    let options = ReadingOptions(format: .events, maximumExpansion: 100)
    #expect(try reason(bytes, options).hasSuffix("beyond the limit of 100 to 1"))
  }

  @Test(arguments: [
    (Array("PAR1\u{15}".utf8), "a Parquet file: convert it to CSV, for example with DuckDB"),
    (Array("BZh91AY&SY".utf8), "compressed with bzip2: decompress it, or use gzip or zstd"),
    ([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0], "compressed with xz: decompress it, or use gzip or zstd"),
  ])
  func foreignFile(_ magic: [UInt8], _ expected: String) throws {
    #expect(try reason(magic + [UInt8](repeating: 1, count: 64)) == expected)
  }
}
