import ClseqBase
import ClseqData
import ClseqTestSupport
import Foundation
import Testing

@Suite struct ShardTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  private func write(_ name: String, _ text: String) throws {
    _ = try folder.write(Array(text.utf8), to: name)
  }

  private func writeShards() throws {
    try write("part-1.csv", "item_id,user_id\nb,u1\n")
    try write("part-0.csv", "user_id,item_id\nu1,a\nu2,a\n")
    _ = try folder.write(
      Compression.gzip.compress(Array("user_id,item_id\nu2,c\n".utf8)), to: "part-2.csv.gz")
    try write("_SUCCESS", "")
    try write(".part-0.csv.crc", "crc")
  }

  @Test(arguments: ["", "/", "/part-*", "/part-[012].csv*", "/*"])
  func oneStreamByName(_ pattern: String) throws {
    try writeShards()
    #expect(
      try LogRow.read(folder.path + pattern) == [
        LogRow("u1", "a"), LogRow("u2", "a"), LogRow("u1", "b"), LogRow("u2", "c"),
      ])
  }

  @Test func hashIsThatOfAllShards() throws {
    try writeShards()
    var stream = try InteractionStream(path: folder.path)
    while try stream.next() != nil {}
    var hash = ContentHash()
    let text = "user_id,item_id\nu1,a\nu2,a\nitem_id,user_id\nb,u1\nuser_id,item_id\nu2,c\n"
    Array(text.utf8).withUnsafeBytes { hash.update($0) }
    #expect(stream.hash.text == hash.text && stream.path == folder.path)
  }

  @Test func errorsNameTheShard() throws {
    try writeShards()
    try write("part-1.csv", "item_id,user_id\nb,u1\nc\n")
    #expect(
      throws: DataError.malformed(
        path: folder.file("part-1.csv"), line: 3, column: 2, expected: "2 fields", found: "1 field")
    ) { try LogRow.read(folder.path) }
  }

  /// Programs that write a file a worker leave some empty.
  @Test(arguments: ["", "user_id,item_id\n"])
  func emptyShard(_ text: String) throws {
    try writeShards()
    try write("part-1.csv", text)
    var stream = try InteractionStream(path: folder.path)
    var count = 0
    while try stream.next() != nil { count += 1 }
    #expect(count == 3 && stream.report.emptyFiles == ["part-1.csv"])
  }

  @Test func onlyEmptyShards() throws {
    try write("part-0.csv", "user_id,item_id\n")
    try write("part-1.csv", "")
    #expect(throws: DataError.empty(path: folder.path)) { try LogRow.read(folder.path) }
  }

  /// What is not called as logs are is passed over beside those that are, and told.
  @Test func readmeAmongShards() throws {
    try writeShards()
    try write("README.md", "Exported, on Monday.\n")
    var stream = try InteractionStream(path: folder.path)
    while try stream.next() != nil {}
    #expect(stream.report.passedOverFiles == ["README.md"] && stream.report.records == 4)
  }

  @Test func shardWithOtherColumns() throws {
    try write("part-0.csv", "user_id,item_id,time\nu1,a,1\n")
    try write("part-1.csv", "user_id,item_id\nu1,a\n")
    #expect(
      throws: DataError.malformed(
        path: folder.file("part-1.csv"), line: 1, column: 1,
        expected: "the columns of the first file: user_id, item_id, time",
        found: "user_id, item_id")
    ) { try LogRow.read(folder.path, ReadingOptions(tolerated: .count(9))) }
  }

  @Test(arguments: ["", "/*.csv"])
  func nothingToRead(_ pattern: String) throws {
    try write("_SUCCESS", "")
    #expect(throws: DataError.noFiles(path: folder.path + pattern)) {
      try LogRow.read(folder.path + pattern)
    }
  }

  /// A run directory given as a log is refused under its own name.
  @Test func folderOfARun() throws {
    for name in ["config.yaml", "passport.json", "vocabulary.txt"] { try write(name, "") }
    let error = try #require(throws: DataError.self) { try LogRow.read(folder.path) }
    #expect("\(error)".hasPrefix("\(folder.path): a run: expected a log"))
  }

  @Test func folderAmongShards() throws {
    try writeShards()
    try FileManager.default.createDirectory(
      atPath: folder.file("part-3"), withIntermediateDirectories: false)
    let error = try #require(throws: DataError.self) { try LogRow.read(folder.path) }
    guard case .unreadable(folder.file("part-3"), _) = error else {
      Issue.record("another error: \(error)")
      return
    }
  }

  @Test func fileWhosePlainNameHasAStar() throws {
    try write("log*.txt", "u1 a\n")
    #expect(try LogRow.read(folder.file("log*.txt")) == [LogRow("u1", "a")])
  }
}

/// Standard input belongs to the whole process, so one test has it.
@Suite struct StandardInputTests {
  @Test func dash() throws {
    let file = try TemporaryFile(
      "log", bytes: Compression.zstd.compress(Array("user,item\nu1,a\nu1\n".utf8)))
    let saved = dup(STDIN_FILENO)
    let descriptor = open(file.path, O_RDONLY)
    dup2(descriptor, STDIN_FILENO)
    defer {
      dup2(saved, STDIN_FILENO)
      close(saved)
      close(descriptor)
    }
    var stream = try InteractionStream(path: "-")
    #expect(try stream.next() != nil && stream.items[0] == "a")
    #expect(
      throws: DataError.malformed(
        path: "<stdin>", line: 3, column: 3, expected: "2 fields", found: "1 field")
    ) { try stream.next() }
  }
}
