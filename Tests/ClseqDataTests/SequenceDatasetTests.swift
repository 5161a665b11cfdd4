import ClseqBase
import ClseqData
import ClseqShop
import ClseqTestSupport
import Foundation
import Testing

@Suite struct SequenceDatasetTests {
  private func load(_ name: String, _ text: String) throws -> SequenceDataset {
    let file = try TemporaryFile(name, text)
    return try SequenceDataset.load(path: file.path)
  }

  private func tokens(_ dataset: SequenceDataset, _ user: Int) -> [String] {
    dataset[user].map { dataset.vocabulary[Int($0)] }
  }

  @Test func gathersUsersInFileOrder() throws {
    let dataset = try load("log.txt", "u2 c\nu1 a\nu2 a\nu1 b\nu2 b\nu1 c\n")
    #expect(dataset.userCount == 2 && dataset.eventCount == 6 && dataset.itemCount == 3)
    #expect((0..<2).map { dataset.users[$0] } == ["u2", "u1"])
    #expect(tokens(dataset, 0) == ["c", "a", "b"])
    #expect(tokens(dataset, 1) == ["a", "b", "c"])
    #expect(Array(dataset.items) == [1, 2, 3, 2, 3, 1])
    #expect(Array(dataset.offsets) == [0, 3, 6])
  }

  @Test func ordersByTimeAndTiesByFile() throws {
    let text = """
      user_id:token\titem_id:token\ttimestamp:float
      u1\tlate\t30
      u1\ttie1\t20
      u2\tearly\t5
      u1\ttie2\t20
      u1\tfirst\t10
      u2\tlate\t6
      u2\tfirst\t7

      """
    let dataset = try load("log.inter", text)
    #expect(tokens(dataset, 0) == ["first", "tie1", "tie2", "late"])
    #expect(tokens(dataset, 1) == ["early", "late", "first"])
    // By the time of the first event: early 5, late 6, first 7 is not the first of "first" (7 < 10).
    #expect((1...5).map { dataset.vocabulary[$0] } == ["early", "late", "first", "tie1", "tie2"])
  }

  @Test func leavesOutShortUsersAndCountsThem() throws {
    let dataset = try load("log.txt", "u1 a\nu1 b\nu2 a\nu2 c\nu2 d\nu3 e\n")
    #expect(dataset.userCount == 1 && dataset.users[0] == "u2")
    #expect(dataset.users.index(of: "u2") == 0 && dataset.users.index(of: "u1") == nil)
    // The vocabulary is that of the users who are left.
    #expect(dataset.itemCount == 3 && dataset.vocabulary.index(of: "d") == 3)
    #expect(dataset.vocabulary.index(of: "e") == nil && dataset.source.itemCount == 5)
    #expect(dataset.vocabulary.index(of: "f") == nil)
    #expect(dataset.source.leftOutUserCount == 2 && dataset.source.leftOutEventCount == 3)
    #expect(dataset.source.userCount == 3 && dataset.source.eventCount == 6)
  }

  @Test func sourceCarriesTheProtocol() throws {
    let file = try TemporaryFile("log.txt", "u1 a\nu1 b\nu1 c\n")
    let source = try SequenceDataset.load(path: file.path).source
    var hash = ContentHash()
    try file.content().withUnsafeBytes { hash.update($0) }
    #expect(source.name == "log.txt" && source.format == .events && source.hash == hash.text)
    #expect(source.tieRule == "as written, without times")
    let decoded = try JSONDecoder().decode(
      DataSource.self, from: JSONEncoder().encode(source))
    #expect(decoded == source)
  }

  @Test func vocabularyRoundTrip() throws {
    let dataset = try load("log.txt", "u1 緑茶\nu1 b\nu1 x:y\n")
    let file = try TemporaryFile("vocabulary.txt", bytes: nil)
    try dataset.vocabulary.write(to: file.path)
    #expect(try file.content() == Array("緑茶\nb\nx:y\n".utf8))
    #expect(try Vocabulary(contentsOf: file.path) == dataset.vocabulary)
  }

  /// What a file of lines likes to drop stays: a mark of UTF-8, a carriage return.
  @Test func vocabularyKeepsEveryByteOfItsTokens() throws {
    let log = "user,item\nu,\"\u{FEFF}a\"\nu,\"b\r\"\nu,b\n"
    let vocabulary = try load("log.csv", log).vocabulary
    let file = try TemporaryFile("vocabulary.txt", bytes: nil)
    try vocabulary.write(to: file.path)
    #expect(try file.content() == Array("\u{FEFF}a\nb\r\nb\n".utf8))
    #expect(try Vocabulary(contentsOf: file.path) == vocabulary)
  }

  @Test(arguments: [
    ("a\nb\na\n", 3), ("a\n\nb\n", 2), ("a\nb", 2), ("a\nb\0\n", 2),
  ])
  func vocabularyRefusesWhatIsNotOne(_ text: String, _ line: Int) throws {
    let file = try TemporaryFile("vocabulary.txt", text)
    let error = try #require(throws: DataError.self) {
      try Vocabulary(contentsOf: file.path)
    }
    #expect(error.description.hasPrefix("\(file.path):\(line):1: "))
  }

  @Test func nothingHalfWritten() throws {
    let log = try ShopLog(users: 20, items: 20, eventsPerUser: 3...5)
    let file = try TemporaryFile("shop.inter", "old")
    try log.write(to: file.path)
    #expect(try file.content().count > 100)
    #expect(try file.siblings() == ["shop.inter"])
    try log.write(to: "/dev/null")
  }

  @Test func cannotWrite() throws {
    let dataset = try load("log.txt", "u1 a\nu1 b\nu1 c\n")
    let file = try TemporaryFile("folder", bytes: nil)
    let error = try #require(throws: DataError.self) {
      try dataset.vocabulary.write(to: file.path + "/vocabulary.txt")
    }
    guard case .cannotWrite = error else {
      Issue.record("another error: \(error)")
      return
    }
  }

  private static let dataFolder = ProcessInfo.processInfo.environment["TEST_DATA_FOLDER"]

  /// The counts that papers on these files state.
  @Test(
    .enabled(if: dataFolder != nil, "TEST_DATA_FOLDER names no folder with the public logs"),
    arguments: [
      ("ml-1m.txt", LogFormat.events, 6_040, 3_416, 999_611),
      ("ml-100k.inter", .inter, 943, 1_682, 100_000),
      ("amazon-beauty-bert4rec.txt", .events, 40_226, 54_542, 353_962),
      ("amazon-beauty-5core.txt", .sequences, 22_363, 12_101, 198_502),
    ])
  func publicLogs(
    _ name: String, _ format: LogFormat, _ users: Int, _ items: Int, _ events: Int
  ) throws {
    let folder = try #require(Self.dataFolder)
    let dataset = try SequenceDataset.load(path: "\(folder)/\(name)")
    #expect(dataset.source.format == format && dataset.source.leftOutUserCount == 0)
    #expect(dataset.userCount == users && dataset.itemCount == items)
    #expect(dataset.eventCount == events)
  }
}
