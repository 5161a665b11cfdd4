import ClseqBase
import ClseqModels
import ClseqRuns
import ClseqSettings
import ClseqTestSupport
import Foundation
import Testing

@Suite struct RunDirectoryTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// A run with a configuration and the named checkpoints, each of two files.
  func run(_ name: String = "run", checkpoints: [String] = []) throws -> RunDirectory {
    let run = try RunDirectory.create(at: folder.file(name))
    try run.write("layers: 3\n", to: run.layout.configPath)
    for checkpoint in checkpoints {
      _ = try run.saveCheckpoint(checkpoint) { inside in
        try Self.fill(inside, text: checkpoint)
      }
    }
    return run
  }

  static func fill(_ inside: String, text: String) throws {
    for name in ["model.safetensors", "state.json"] {
      try Data("\(text) \(name)".utf8).write(to: URL(fileURLWithPath: "\(inside)/\(name)"))
    }
  }

  @Test(arguments: [
    ("r", "."), ("run", "."), ("runs/r", "runs"), ("/r", "/"), ("/a/b/", "/a"), ("a//b", "a"),
    ("./r", "."), ("/", "/"),
  ])
  func everyNameHasAFolder(path: String, folder: String) {
    #expect(DurableFiles.folder(of: path) == folder)
  }

  @Test func aNewRunHasItsFolders() throws {
    let run = try RunDirectory.create(at: folder.file("a/b/run"))
    #expect(FileManager.default.fileExists(atPath: run.layout.checkpointsPath))
    #expect(try run.layout.checkpoints().isEmpty)
    #expect(try run.layout.best() == nil)
  }

  @Test func whatExistsIsNotOverwritten() throws {
    _ = try run()
    _ = try folder.write([], to: "file")
    for name in ["run", "file"] {
      let path = folder.file(name)
      #expect(throws: RunDirectoryError.exists(path: path)) { try RunDirectory.create(at: path) }
    }
    #expect(throws: RunDirectoryError.self) { try RunDirectory.create(at: folder.file("file/x")) }
  }

  @Test func onlyRunsAreResumed() throws {
    let missing = folder.file("missing")
    #expect(throws: RunDirectoryError.missing(path: missing, nearest: nil)) {
      try RunDirectory.resume(at: missing)
    }
    #expect(throws: RunDirectoryError.notARun(path: folder.path, lacking: "config.yaml")) {
      try RunDirectory.resume(at: folder.path)
    }
    let path = try run().path
    #expect(try RunDirectory.resume(at: path).layout.settings()[.layers] == 3)
  }

  @Test func oneProcessWritesARun() throws {
    let path = folder.file("run")
    do {
      let first = try run()
      #expect(throws: RunDirectoryError.inUse(path: path, process: Int(getpid()))) {
        try RunDirectory.resume(at: path)
      }
      #expect(first.path == path)
    }
    _ = try RunDirectory.resume(at: path)
  }

  @Test func checkpointsAreKeptReplacedAndRemoved() throws {
    let run = try run(checkpoints: ["epoch-0002", "epoch-0001", "epoch-0010"])
    var all = try run.layout.checkpoints()
    #expect(all.map(\.name) == ["epoch-0001", "epoch-0002", "epoch-0010"])
    try run.setBest(all[1].name)
    try run.setBest(all[0].name)
    #expect(try run.layout.verifiedBest() == all[0])
    // A sound one is kept, a damaged one replaced.
    let state = all[0].file("state.json")
    for isDamaged in [false, true] {
      if isDamaged { try Data("?".utf8).write(to: URL(fileURLWithPath: state)) }
      _ = try run.saveCheckpoint("epoch-0001") { try Self.fill($0, text: "again") }
      try run.layout.verifiedBest().verify()
      let text = try String(contentsOfFile: state, encoding: .utf8)
      #expect(text == (isDamaged ? "again state.json" : "epoch-0001 state.json"))
    }
    try run.removeCheckpoints(except: [all[0].name])
    all = try run.layout.checkpoints()
    #expect(all.map(\.name) == ["epoch-0001"])
    let link = try FileManager.default.destinationOfSymbolicLink(atPath: run.layout.bestPath)
    #expect(link == "checkpoints/epoch-0001")
  }

  @Test func aFailedCheckpointLeavesNothing() throws {
    struct Failure: Error {}
    let run = try run(checkpoints: ["epoch-0001"])
    #expect(throws: Failure.self) {
      try run.saveCheckpoint("epoch-0002") { inside in
        try Self.fill(inside, text: "half")
        throw Failure()
      }
    }
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: run.layout.checkpointsPath)
        == ["epoch-0001"])
  }

  @Test func resumingClearsWhatWasHalfWritten() throws {
    let path = try run(checkpoints: ["epoch-0001"]).path
    let partial = "\(path)/checkpoints/epoch-0002.partial"
    try FileManager.default.createDirectory(atPath: partial, withIntermediateDirectories: false)
    try Data("half".utf8).write(to: URL(fileURLWithPath: "\(path)/passport.json.partial"))
    let layout = RunLayout(path: path)
    #expect(try layout.checkpoints().map(\.name) == ["epoch-0001"])
    _ = try RunDirectory.resume(at: path)
    #expect(!FileManager.default.fileExists(atPath: partial))
    #expect(!FileManager.default.fileExists(atPath: "\(path)/passport.json.partial"))
  }

  @Test func noBestIsAnError() throws {
    let run = try run()
    #expect(throws: RunDirectoryError.noCheckpoint(path: run.path)) {
      try run.layout.verifiedBest()
    }
  }

  @Test func namesTellModelDataAndTime() {
    let date = Date(timeIntervalSince1970: 1_700_000_009)
    #expect(
      RunLayout.defaultPath(model: "transformer", data: "/x/ml-1m.tar.gz", at: date)
        == "runs/transformer-ml-1m-20231114T221329Z")
    #expect(
      RunLayout.defaultPath(model: "transformer", data: "", at: date)
        == "runs/transformer-data-20231114T221329Z")
  }

  // MARK: - Damage

  enum Damage: CaseIterable { case flip, shorten, remove, add, list, dropList, rename }

  @Test(arguments: Damage.allCases)
  func damageIsNoticed(damage: Damage) throws {
    let run = try run(checkpoints: ["epoch-0001"])
    let checkpoint = try #require(try run.layout.checkpoints().first)
    try checkpoint.verify()
    let state = checkpoint.file("state.json")
    let list = checkpoint.file("checksums.txt")
    let expected: CheckpointError
    switch damage {
    case .flip:
      try Data("epoch-0001 state.jsoN".utf8).write(to: URL(fileURLWithPath: state))
      expected = .damaged(path: state)
    case .shorten:
      try Data("epoch-0001 state.jso".utf8).write(to: URL(fileURLWithPath: state))
      expected = .damaged(path: state)
    case .remove:
      try FileManager.default.removeItem(atPath: state)
      expected = .missing(path: state)
    case .add:
      try Data().write(to: URL(fileURLWithPath: checkpoint.file("more")))
      expected = .unlisted(path: checkpoint.file("more"))
    case .list:
      try Data("?".utf8).write(to: URL(fileURLWithPath: list))
      expected = .malformedList(path: list)
    case .dropList:
      try FileManager.default.removeItem(atPath: list)
      expected = .unreadable(FileError(.read, list, reason: "no such file"))
    case .rename:
      try FileManager.default.moveItem(atPath: state, toPath: checkpoint.file("other.json"))
      expected = .unlisted(path: checkpoint.file("other.json"))
    }
    #expect(throws: expected) { try checkpoint.verify() }
  }

  /// A checkpoint cut off at any place of any file, and one with any of 1,000 bits changed, is noticed.
  @Test func everyDamageIsNoticed() throws {
    let checkpoint = try #require(
      try run(checkpoints: ["step-000000001"]).layout.checkpoints().first)
    let names = try FileManager.default.contentsOfDirectory(atPath: checkpoint.path).sorted()
    let contents = try names.map { try Data(contentsOf: URL(fileURLWithPath: checkpoint.file($0))) }
    func isNoticed(_ damaged: Data, in index: Int) throws -> Bool {
      let file = URL(fileURLWithPath: checkpoint.file(names[index]))
      try damaged.write(to: file)
      defer { try? contents[index].write(to: file) }
      do { try checkpoint.verify() } catch { return true }
      return false
    }
    for (index, content) in contents.enumerated() {
      for count in 0..<content.count {
        #expect(try isNoticed(content.prefix(count), in: index), "\(names[index]) cut at \(count)")
      }
    }
    var random = SystemRandomNumberGenerator()
    for _ in 0..<1_000 {
      let index = Int.random(in: 0..<names.count, using: &random)
      var content = contents[index]
      let place = Int.random(in: 0..<content.count, using: &random)
      content[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      #expect(try isNoticed(content, in: index), "\(names[index]) at \(place)")
    }
    try checkpoint.verify()
  }
}
