import ClseqBase
import ClseqData
import ClseqTestSupport
import Foundation
import Testing

/// Dataset folders whose manifest fits the files, and whose files do not fit one another.
@Suite struct DatasetFolderTests {
  /// A dataset of two users with three and four events of four items.
  private func prepared(in folder: TemporaryFolder) throws -> String {
    let log = try folder.write(
      Array("user,item,time\nu,a,1\nu,b,2\nu,c,3\nv,a,1\nv,b,2\nv,d,3\nv,a,4\n".utf8),
      to: "log.csv")
    _ = try SequenceDataset.prepare(
      path: log, rules: DatasetRules(), to: folder.file("data"), version: "test")
    return folder.file("data")
  }

  /// Replaces a file, and its size and hash in the manifest.
  private func replace(_ name: String, of dataset: String, by bytes: [UInt8]) throws {
    try Data(bytes).write(to: URL(filePath: "\(dataset)/\(name)"))
    var hash = ContentHash()
    bytes.withUnsafeBytes { hash.update($0) }
    let path = URL(filePath: "\(dataset)/dataset.json")
    var manifest = try JSONDecoder().decode(DatasetManifest.self, from: Data(contentsOf: path))
    manifest.files[name]?.bytes = bytes.count
    manifest.files[name]?.hash = hash.text
    try JSONEncoder().encode(manifest).write(to: path)
  }

  private func error(_ name: String, _ bytes: [UInt8]) throws -> String {
    let folder = try TemporaryFolder()
    let dataset = try prepared(in: folder)
    try replace(name, of: dataset, by: bytes)
    let error = try #require(throws: DataError.self) { try SequenceDataset.load(path: dataset) }
    return String(error.description.dropFirst(dataset.count + 1))
  }

  private func bytes(_ numbers: [Int64]) -> [UInt8] {
    numbers.flatMap { withUnsafeBytes(of: $0.littleEndian) { Array($0) } }
  }

  @Test func theManifestMayBeWrittenAgain() throws {
    let folder = try TemporaryFolder()
    let dataset = try prepared(in: folder)
    try replace("offsets.bin", of: dataset, by: bytes([0, 4, 7]))
    #expect(try SequenceDataset.load(path: dataset)[0].count == 4)
  }

  /// The differences of the first two overflow.
  @Test(
    arguments: [
      [.min, .max, 7], [0, .min, 7], [0, .max, 7], [1, 4, 7], [0, 3, 8], [0, 0, 7], [0, 3], [],
    ] as [[Int64]])
  func offsets(_ offsets: [Int64]) throws {
    #expect(
      try error("offsets.bin", bytes(offsets)) == "offsets.bin: damaged: its offsets do not fit")
  }

  /// One too few, and one too many.
  @Test(arguments: [[1, 2, 3, 1, 2, 3], [1, 2, 3, 1, 2, 3, 4, 5]] as [[Int64]])
  func timesOfOtherEvents(_ times: [Int64]) throws {
    #expect(
      try error("times.bin", bytes(times))
        == "times.bin: damaged: it does not have one number per event")
  }

  /// Times before the year 1 and after 9999.
  @Test(
    arguments: [
      [-62_135_596_800_000_001, 2, 3, 1, 2, 3, 4], [1, 2, 3, 1, 2, 3, 253_402_300_800_000_000],
    ] as [[Int64]])
  func times(_ times: [Int64]) throws {
    #expect(try error("times.bin", bytes(times)) == "times.bin: damaged: its times do not fit")
  }

  @Test(arguments: [
    ("u\n\u{0}\n", "line 2 is not a token"), ("\nu\n", "line 1 is not a token"),
    ("u\nu\n", "line 2 repeats an earlier one"), ("u\nv", "its last line has no line feed"),
  ])
  func tokens(_ text: String, _ reason: String) throws {
    #expect(try error("users.txt", Array(text.utf8)) == "users.txt: damaged: \(reason)")
  }

  @Test func tokensThatAreNotUTF8() throws {
    #expect(
      try error("items.txt", [0xFF, 0x0A]) == "items.txt: damaged: line 1 is not a token")
  }
}
