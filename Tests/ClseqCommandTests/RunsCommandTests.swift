import Clseq
import ClseqTestSupport
import Foundation
import Testing

/// `clseq runs` over runs as `train` leaves them.
@Suite(.serialized) struct RunsCommandTests {
  /// A folder `runs` with a trained model, a baseline deeper down, and what is none; made once.
  private static let trained = Result {
    let folder = try TemporaryFolder()
    var log = "user_id,item_id,event,timestamp\n"
    for user in 0..<30 {
      for place in 0..<5 {
        log += "u\(user),i\((user + place * 3) % 20),view,\(1_700_000_000 + place * 60)\n"
      }
    }
    _ = try folder.write(Array(log.utf8), to: "log.csv")
    let small = ["--hidden-size", "8", "--epochs", "2", "--device", "reference"]
    try train(["--run", "runs/model"] + small, in: folder)
    try train(["--run", "runs/old/chain", "--model", "markov"], in: folder)
    try FileManager.default.createDirectory(
      atPath: folder.file("runs/photos/summer"), withIntermediateDirectories: true)
    return folder
  }

  private static func train(_ options: [String], in folder: TemporaryFolder) throws {
    let result = try Program.run(["train", "log.csv", "--quiet"] + options, in: folder.path)
    #expect(result.status == 0, "\(result.errors)")
  }

  private func runs(_ options: String...) throws -> [[String: Any]] {
    let result = try Program.run(
      ["runs", "--format", "json"] + options, in: try Self.trained.get().path)
    #expect(result.status == 0, "\(result.errors)")
    let document = try JSONSerialization.jsonObject(with: Data(result.output.utf8))
    return try #require((document as? [String: Any])?["runs"] as? [[String: Any]])
  }

  private func scores(of run: String) throws -> [String: Any] {
    let path = try Self.trained.get().file("runs/\(run)/summary.json")
    let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    return try #require(try JSONSerialization.jsonObject(with: bytes) as? [String: Any])
  }

  @Test func finishedRunsStandWithTheirScores() throws {
    let found = try runs("--sort", "name")
    #expect(found.compactMap { $0["name"] as? String } == ["model", "old/chain"])
    #expect(found.compactMap { $0["model"] as? String } == ["transformer", "markov"])
    #expect(found.allSatisfy { $0["state"] as? String == "finished" })
    #expect(found.allSatisfy { $0["metric"] as? String == "NDCG@10" })
    #expect(found.allSatisfy { $0["data"] as? String == "log.csv" })
    #expect(found[0]["epochs"] as? Int == 2 && found[1]["epochs"] == nil)
    for (row, name) in zip(found, ["model", "old/chain"]) {
      let summary = try scores(of: name)
      for part in ["validation", "test"] {
        let scores = try #require(summary[part] as? [String: Double])
        #expect(row[part] as? Double == scores["NDCG@10"], "\(name) \(part)")
      }
    }
  }

  @Test func theBestStandsFirst() throws {
    for metric in ["HR@5", "MRR@20"] {
      let found = try runs("--sort", metric).compactMap { $0["test"] as? Double }
      #expect(found.count == 2 && found == found.sorted(by: >))
    }
    // Validation scores are all that is known of a run that has not ended.
    let folder = try Self.trained.get()
    let summary = folder.file("runs/model/summary.json")
    let kept = try Data(contentsOf: URL(fileURLWithPath: summary))
    try FileManager.default.removeItem(atPath: summary)
    defer { try? kept.write(to: URL(fileURLWithPath: summary)) }
    let found = try runs("--sort", "NDCG@10")
    #expect(found.compactMap { $0["state"] as? String } == ["finished", "stopped"])
    let stopped = try #require(found.last)
    #expect(stopped["test"] == nil && stopped["epochs"] as? Int == 2)
    let whole = try JSONSerialization.jsonObject(with: kept) as? [String: Any]
    #expect(stopped["best_epoch"] as? Int == whole?["best_epoch"] as? Int)
    let validation = whole?["validation"] as? [String: Double]
    #expect(stopped["validation"] as? Double == validation?["NDCG@10"])
  }

  @Test func aLockThatIsHeldMeansRunning() throws {
    let path = try Self.trained.get().file("runs/model/lock")
    let lock = open(path, O_RDWR)
    #expect(lock >= 0 && flock(lock, LOCK_EX | LOCK_NB) == 0)
    defer { close(lock) }
    let found = try runs("--sort", "name")
    #expect(found.compactMap { $0["state"] as? String } == ["running", "finished"])
  }

  @Test func whatIsNoRunIsToldAndPassedOver() throws {
    let folder = try Self.trained.get()
    let result = try Program.run(["runs"], in: folder.path)
    #expect(result.status == 0 && result.output.contains("transformer  next-item  log.csv"))
    #expect(result.errors == "clseq: passed over: runs/photos is not a run, and holds none\n")

    _ = try folder.write([], to: "runs/model/kept")
    let passport = folder.file("runs/model/passport.json")
    let kept = try Data(contentsOf: URL(fileURLWithPath: passport))
    try Data("{".utf8).write(to: URL(fileURLWithPath: passport))
    defer { try? kept.write(to: URL(fileURLWithPath: passport)) }
    let damaged = try Program.run(["runs", "--quiet", "--sort", "name"], in: folder.path)
    #expect(damaged.status == 0 && damaged.output.contains("old/chain"))
    #expect(!damaged.output.contains("transformer") && damaged.errors.isEmpty)
    let told = try Program.run(["runs", "runs"], in: folder.path)
    #expect(told.errors.contains("runs/model/passport.json is damaged"), "\(told.errors)")
  }

  @Test func badRequestsAreTold() throws {
    let folder = try Self.trained.get()
    let sort = try Program.run(["runs", "--sort", "NDCG@11"], in: folder.path)
    #expect(sort.status == 64 && sort.errors.contains("did you mean 'NDCG@10'?"))
    let missing = try Program.run(["runs", "nowhere"], in: folder.path)
    #expect(missing.status == 66 && missing.errors.contains("nowhere"))
  }
}
