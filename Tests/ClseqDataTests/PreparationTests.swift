import ClseqBase
import ClseqData
import ClseqShop
import ClseqTestSupport
import Foundation
import Testing

@Suite struct PreparationTests {
  /// Prepares a log of `user item hour` lines. Returns each user's items by token, and the manifest.
  private func prepare(
    _ lines: [String], _ change: (inout CleaningRules) -> Void
  ) throws -> (users: [String: [String]], manifest: DatasetManifest) {
    let rows = lines.map { line in
      let fields = line.split(separator: " ")
      return "\(fields[0])\t\(fields[1])\t\(3600 * (Int(fields[2]) ?? 0))\n"
    }
    let file = try TemporaryFile(
      "log.inter", "user_id:token\titem_id:token\ttimestamp:float\n" + rows.joined())
    var rules = CleaningRules()
    change(&rules)
    let folder = try TemporaryFolder()
    let manifest = try SequenceDataset.prepare(
      path: file.path, rules: DatasetRules(cleaning: rules), to: folder.file("prepared"),
      version: "test")
    #expect(try folder.names() == ["prepared"])
    let dataset = try SequenceDataset.load(path: folder.file("prepared"))
    let users = (0..<dataset.userCount).map { user in
      (dataset.users[user], dataset[user].map { dataset.vocabulary[Int($0)] })
    }
    return (Dictionary(uniqueKeysWithValues: users), manifest)
  }

  private let plain = ["u a 1", "u b 2", "u c 3", "v a 2", "v b 1", "v d 3"]

  /// A prepared log is the very dataset that reading the log gives.
  @Test func folderEqualsTheLog() throws {
    let file = try TemporaryFile("log.txt", "u2 c\nu1 a\nu2 a\nu1 b\nu2 b\nu1 c\nu3 z\n")
    let folder = try TemporaryFolder()
    let manifest = try SequenceDataset.prepare(
      path: file.path, rules: DatasetRules(), to: folder.file("prepared"), version: "test")
    let (prepared, read) = (
      try SequenceDataset.load(path: folder.file("prepared")),
      try SequenceDataset.load(path: file.path)
    )
    #expect(Array(prepared.items) == Array(read.items))
    #expect(Array(prepared.offsets) == Array(read.offsets))
    #expect(prepared.users == read.users && prepared.vocabulary == read.vocabulary)
    #expect(prepared.times == nil && manifest.eventCount == 6 && manifest.itemCount == 3)
    #expect(prepared.source.name == "log.txt" && prepared.source.leftOutUserCount == 1)
  }

  @Test func progressReachesTheEnd() throws {
    let lines = (0..<70_000).map { "u\($0 / 7) i\($0 % 50)\n" }.joined()
    let file = try TemporaryFile("log.txt", lines)
    let folder = try TemporaryFolder()
    var told: [TaskProgress] = []
    let manifest = try SequenceDataset.prepare(
      path: file.path, rules: DatasetRules(), to: folder.file("prepared"), version: "test",
      progress: { told.append($0) })
    #expect(told.first == TaskProgress("reading", done: 65_536, of: nil))
    #expect(told.contains(TaskProgress("ordering", done: 70_000, of: 70_000)))
    #expect(told.last == TaskProgress("gathering", done: 70_000, of: 70_000))
    #expect(manifest.eventCount == 70_000)
    var read: [TaskProgress] = []
    _ = try SequenceDataset.load(path: file.path, progress: { read.append($0) })
    #expect(read == told)
  }

  /// Events that wait in files come back as they were, and leave nothing behind.
  @Test(arguments: [1, 100, 5_000])
  func spilledEventsGiveTheSameDataset(memoryBudget: Int) throws {
    let folder = try TemporaryFolder()
    let shop = try ShopLog(users: 60, items: 40, eventsPerUser: 3...15, seed: 5)
    try shop.write(to: folder.file("log.inter"))
    var rules = CleaningRules()
    (rules.minUserEvents, rules.minItemEvents, rules.dropsRepeats) = (5, 8, true)
    let datasets = try [256 << 20, memoryBudget].enumerated().map { index, budget in
      _ = try SequenceDataset.prepare(
        path: folder.file("log.inter"), rules: DatasetRules(cleaning: rules),
        to: folder.file("data\(index)"),
        version: "test", memoryBudget: budget)
      return try SequenceDataset.load(path: folder.file("data\(index)"))
    }
    #expect(datasets[0].items == datasets[1].items && datasets[0].offsets == datasets[1].offsets)
    #expect(datasets[0].times == datasets[1].times && datasets[0].users == datasets[1].users)
    #expect(datasets[0].vocabulary == datasets[1].vocabulary && datasets[0].eventCount > 100)
    #expect(try folder.names() == ["data0", "data1", "log.inter"])
  }

  /// A thousand partitions need one open file, and what is put back takes the room of what was there.
  @Test func partitionsShareOneFile() throws {
    let folder = try TemporaryFolder()
    func openFiles() throws -> Int {
      try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
    }
    let before = try openFiles()
    var spool = PartitionSpool<Int64>(folder: folder.path, byteBudget: 800)
    var expected = [[Int64]](repeating: [], count: 1_000)
    for number in 0..<5_000 {
      let partition = number * 7 % 1_000
      try spool.append(Int64(number), to: partition)
      expected[partition].append(Int64(number))
    }
    #expect(try openFiles() <= before + 1)
    for round in 2...4 {
      for partition in expected.indices {
        let kept = expected[partition].filter { $0 % Int64(round) != 0 }
        try spool.replace(partition, by: kept)
        expected[partition] = kept
      }
      try spool.append(-1, to: 999)
      expected[999].append(-1)
      for partition in 0..<spool.count {
        #expect(try spool.records(of: partition) == expected[partition])
      }
    }
    #expect(try spool.records(of: 4_000).isEmpty)
  }

  @Test(arguments: ["items.bin", "offsets.bin", "times.bin", "users.txt", "items.txt"])
  func aDamagedDatasetIsRefused(file: String) throws {
    let folder = try TemporaryFolder()
    try ShopLog(users: 20, items: 40, eventsPerUser: 3...15, seed: 5)
      .write(to: folder.file("log.inter"))
    _ = try SequenceDataset.prepare(
      path: folder.file("log.inter"), rules: DatasetRules(), to: folder.file("data"),
      version: "test")
    var bytes = [UInt8](try Data(contentsOf: URL(filePath: folder.file("data/\(file)"))))
    bytes[bytes.count / 2] ^= 1
    try Data(bytes).write(to: URL(filePath: folder.file("data/\(file)")))
    #expect(
      throws: DataError.damaged(
        path: folder.file("data/\(file)"), reason: "its bytes are not those that were written")
    ) { try SequenceDataset.load(path: folder.file("data")) }
  }

  @Test func nothingIsDroppedWithoutRules() throws {
    let (users, manifest) = try prepare(plain) { _ in }
    #expect(users == ["u": ["a", "b", "c"], "v": ["b", "a", "d"]])
    #expect(manifest.report.entries.isEmpty && manifest.report.readEventCount == 6)
  }

  @Test func duplicatesAndRepeats() throws {
    let lines = ["u a 1", "u a 1", "u a 2", "u b 3", "u a 4", "u c 5"]
    let unique = try prepare(lines) { $0.dropsDuplicates = true }
    #expect(unique.users == ["u": ["a", "a", "b", "a", "c"]])
    #expect(unique.manifest.report.entries.map(\.events) == [1])
    let both = try prepare(lines) { ($0.dropsDuplicates, $0.dropsRepeats) = (true, true) }
    #expect(both.users == ["u": ["a", "b", "a", "c"]])
    #expect(both.manifest.report.entries.map(\.rule) == ["drop-duplicates", "drop-repeats"])
    #expect(both.manifest.report.entries.map(\.events) == [1, 1])
  }

  /// Four events in one hour are more than three; four in more than an hour are not.
  @Test func botsAreDroppedWhole() throws {
    let bot = ["b a 5", "b c 5", "b d 5", "b a 5", "b c 9"]
    let slow = ["s a 1", "s b 2", "s c 3", "s d 4"]
    let (users, manifest) = try prepare(bot + slow) { $0.maxEventsPerHour = 3 }
    #expect(users == ["s": ["a", "b", "c", "d"]])
    #expect(manifest.report.entries.map(\.events) == [5] && manifest.report.entries[0].users == 1)
  }

  @Test func latestEventsAreKept() throws {
    let (users, manifest) = try prepare(["u a 1", "u b 2", "u c 3", "u d 4"]) {
      $0.maxUserEvents = 3
    }
    #expect(users == ["u": ["b", "c", "d"]] && manifest.itemCount == 3)
  }

  /// Dropping x leaves w short; dropping w leaves y short; and so on to the fixed point.
  @Test func coreIsAFixedPoint() throws {
    let lines =
      ["a", "b", "c"].flatMap { item in ["u", "v"].map { "\($0) \(item) 1" } }
      + ["w x 1", "w y 2", "w a 3", "u y 4"]
    let (users, manifest) = try prepare(lines) { ($0.minUserEvents, $0.minItemEvents) = (3, 2) }
    #expect(users == ["u": ["a", "b", "c"], "v": ["a", "b", "c"]])
    let core = manifest.report.entries[0]
    #expect(core.rule == "core" && core.events == 4 && core.users == 1 && core.items == 2)
  }

  @Test func whatIsLeftOverIsAnErrorAndNoFolder() throws {
    let file = try TemporaryFile("log.txt", "u a\nu b\nu c\n")
    let folder = try TemporaryFolder()
    var rules = CleaningRules()
    rules.minItemEvents = 2
    #expect(throws: DataError.self) {
      try SequenceDataset.prepare(
        path: file.path, rules: DatasetRules(cleaning: rules), to: folder.file("prepared"),
        version: "test")
    }
    #expect(try folder.names().isEmpty)
  }
}
