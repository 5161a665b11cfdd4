import ClseqBase
import ClseqData
import ClseqShop
import ClseqTestSupport
import Foundation
import Testing

@Suite struct SessionTests {
  private let minute: Int64 = 60_000_000

  /// `user,item,minute,session` lines as a dataset in memory.
  private func dataset(_ lines: [String], gap: Int64? = nil) throws -> SequenceDataset {
    let rows = lines.map { line in
      var fields = line.split(separator: " ").map(String.init)
      fields[2] = "\((Int(fields[2]) ?? 0) * 60)"
      return fields.joined(separator: ",") + "\n"
    }
    let file = try TemporaryFile("log.csv", "user,item,time,session\n" + rows.joined())
    return try SequenceDataset.load(path: file.path, sessionGap: gap)
  }

  /// Ann's x goes on while y has begun; bob has one session.
  private let lines = [
    "ann a 1 x", "ann b 10 x", "ann c 45 y", "ann d 50 x", "ann e 80 z", "ann f 81 z",
    "bob a 1 x", "bob b 2 x", "bob c 200 x",
  ]

  @Test func sessionsOfAColumnMayOverlap() throws {
    let sessions = try #require(try dataset(lines).events.sessions)
    #expect(Array(sessions) == [0, 0, 1, 0, 2, 2, 0, 0, 0])
  }

  /// A gap of thirty minutes belongs to the session; a longer one ends it.
  @Test func sessionsByAGap() throws {
    let sessions = try #require(try dataset(lines, gap: 30 * minute).events.sessions)
    #expect(Array(sessions) == [0, 0, 1, 1, 1, 1, 0, 0, 1])
  }

  @Test func aDatasetFolderKeepsSessionsOrTakesAnotherGap() throws {
    let folder = try TemporaryFolder()
    let shop = try ShopLog(users: 20, items: 40, eventsPerUser: 4...15, seed: 5)
    try shop.write(to: folder.file("log.inter"))
    let gap = 600 * minute
    let manifest = try SequenceDataset.prepare(
      path: folder.file("log.inter"), rules: DatasetRules(sessionGap: gap),
      to: folder.file("data"), version: "test")
    #expect(manifest.sessionGap == gap)
    let kept = try SequenceDataset.load(path: folder.file("data")).events.sessions
    let read = try SequenceDataset.load(path: folder.file("log.inter"), sessionGap: gap)
    #expect(kept == read.events.sessions && (kept?.max() ?? 0) > 0)
    let other = try SequenceDataset.load(path: folder.file("data"), sessionGap: 1)
    #expect(other.events.sessions?.max() == 14)
  }

  /// Numbers that the split relies on: from 0, without a gap, for each user anew.
  @Test func sessionsOfADatasetAreChecked() throws {
    let folder = try TemporaryFolder()
    let log = try folder.write(
      Array("user,item,time,session\nu,a,1,x\nu,b,2,y\nu,c,3,z\nv,a,1,x\nv,b,2,x\nv,c,3,x\n".utf8),
      to: "log.csv")
    let path = folder.file("data")
    for sessions: [Int32] in [
      [0, 1, 3, 0, 0, 0], [1, 2, 3, 0, 0, 0], [0, -1, 1, 0, 0, 0], [0, 1, 2, 1, 0, 0],
    ] {
      try? FileManager.default.removeItem(atPath: path)
      var manifest = try SequenceDataset.prepare(
        path: log, rules: DatasetRules(), to: path, version: "test")
      let bytes = sessions.withUnsafeBytes { Array($0) }
      try Data(bytes).write(to: URL(filePath: "\(path)/sessions.bin"))
      var hash = ContentHash()
      bytes.withUnsafeBytes { hash.update($0) }
      manifest.files["sessions.bin"]?.hash = hash.text
      try JSONEncoder().encode(manifest).write(to: URL(filePath: "\(path)/dataset.json"))
      #expect(
        throws: DataError.damaged(
          path: "\(path)/sessions.bin", reason: "its sessions are not numbered in order")
      ) { try SequenceDataset.load(path: path) }
    }
  }

  /// The last session is for the test, the one before for the validation; of two sessions none is
  /// asked for.
  @Test func splitBySession() throws {
    let split = try Split.sessions(dataset(lines + ["cat a 1 x", "cat b 2 x", "cat c 50 y"]))
    #expect(split.users(of: .validation) == [0] && split.training(of: 2).count == 3)
    func tokens(_ items: some Sequence<Int32>) -> String {
      items.map { split.dataset.vocabulary[Int($0)] }.joined()
    }
    #expect(split.name == "by session" && split.users(of: .test) == [0])
    #expect(tokens(split.training(of: 0)) == "ab" && tokens(split.training(of: 1)) == "abc")
    #expect(tokens([split.target(of: 0, for: .validation)]) == "c")
    #expect(tokens(split.history(of: 0, for: .validation)) == "ab")
    #expect(tokens([split.target(of: 0, for: .test)]) == "e")
    #expect(tokens(split.history(of: 0, for: .test)) == "abcd")
  }

  @Test func splitsThatCannotBe() throws {
    let plain = try TemporaryFile("log.txt", "u a\nu b\nu c\n")
    #expect(
      throws: DataError.lacks(
        path: "log.txt", what: "sessions by a column or a gap", purpose: "a split by session")
    ) { try Split.sessions(SequenceDataset.load(path: plain.path)) }
    #expect(
      throws: DataError.lacks(path: plain.path, what: "times", purpose: "sessions by a gap")
    ) { try SequenceDataset.load(path: plain.path, sessionGap: minute) }
    #expect(throws: DataError.emptyPart(path: "log.csv", part: "validation", split: .session)) {
      try Split.sessions(dataset(Array(lines.suffix(3))))
    }
  }
}
