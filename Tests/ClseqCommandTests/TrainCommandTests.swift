import Clseq
import ClseqTestSupport
import Foundation
import Testing

/// `train` and `evaluate` on a small log, as people run them.
@Suite struct TrainCommandTests {
  private static let sizes = [
    "--hidden-size", "16", "--max-length", "8", "--epochs", "2", "--batch-size", "16",
  ]

  private func folderWithLog() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    let result = try Program.run(GenerateCommandTests.small + ["log.inter"], in: folder.path)
    #expect(result.status == 0)
    return folder
  }

  private func document(_ text: String) throws -> [String: Any] {
    let value = try JSONSerialization.jsonObject(with: Data(text.utf8))
    return try #require(value as? [String: Any])
  }

  @Test(arguments: ["cpu", "reference"])
  func evaluationRepeatsTheScoresOfTraining(device: String) throws {
    let folder = try folderWithLog()
    let options = ["--device", device, "--format", "json"]
    let trained = try Program.run(
      ["train", "log.inter", "--run", "run", "--quiet"] + Self.sizes + options, in: folder.path)
    #expect(trained.status == 0, "\(trained.errors)")
    let summary = try document(trained.output)
    for key in [
      "run", "best_epoch", "validation", "test", "training_events_per_second",
      "seconds_to_first_step", "peak_device_bytes", "peak_resident_bytes", "passport",
    ] { #expect(summary[key] != nil, "\(key)") }

    let evaluated = try Program.run(["evaluate", "run"] + options, in: folder.path)
    #expect(evaluated.status == 0, "\(evaluated.errors)")
    let scores = try document(evaluated.output)
    #expect(scores["test"] as? [String: Double] == summary["test"] as? [String: Double])

    let other = try Program.run(
      ["evaluate", "run", "--data", "log.inter", "--part", "validation"] + options,
      in: folder.path)
    #expect(other.status == 0, "\(other.errors)")
    let validation = try document(other.output)["validation"]
    #expect(validation as? [String: Double] == summary["validation"] as? [String: Double])
  }

  @Test func aRunDirectoryIsNeverOverwritten() throws {
    let folder = try folderWithLog()
    let train = ["train", "log.inter", "--run", "run", "--quiet"] + Self.sizes
    #expect(try Program.run(train, in: folder.path).status == 0)
    let again = try Program.run(train, in: folder.path)
    #expect(again.status == 73 && again.errors.contains("run"))
  }

  @Test func aModelBeyondTheBudgetLeavesNothing() throws {
    let folder = try folderWithLog()
    for budget in ["10KB", "200KB"] {
      let result = try Program.run(
        ["train", "log.inter", "--run", "run", "--memory", budget] + Self.sizes,
        in: folder.path)
      #expect(result.status == 71, "\(budget): \(result.errors)")
      #expect(result.errors.contains("bytes needed"))
      #expect(try folder.names() == ["log.inter"])
    }
  }

  @Test func anotherLogUnderTheSameNameIsRefused() throws {
    let folder = try folderWithLog()
    let train = ["train", "log.inter", "--run", "run", "--quiet"] + Self.sizes
    #expect(try Program.run(train, in: folder.path).status == 0)
    try FileManager.default.removeItem(atPath: folder.file("log.inter"))
    let other = GenerateCommandTests.small + ["--seed", "9", "log.inter"]
    #expect(try Program.run(other, in: folder.path).status == 0)
    let result = try Program.run(["evaluate", "run"], in: folder.path)
    #expect(
      result.status == 65 && result.errors.contains("the log has changed"), "\(result.errors)")
  }
}
