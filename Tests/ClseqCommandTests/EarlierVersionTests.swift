import ClseqTestSupport
import Foundation
import Testing

/// Runs and datasets of an earlier version open as they did (`Tests/Fixtures/version-0.1.0/make.sh`).
@Suite struct EarlierVersionTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    let fixture = Fixture.path("version-0.1.0")
    for name in ["log.inter", "dataset", "run"] {
      try FileManager.default.copyItem(atPath: "\(fixture)/\(name)", toPath: folder.file(name))
    }
  }

  private func run(_ arguments: [String]) throws -> Program.Result {
    let result = try Program.run(arguments + ["--device", "reference"], in: folder.path)
    try #require(result.status == 0, "\(arguments): \(result.errors)")
    return result
  }

  private func scores(_ text: some StringProtocol) throws -> [String: Double] {
    let document = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
    return try #require(document?["test"] as? [String: Double])
  }

  @Test func aRunIsScoredAsItWas() throws {
    let summary = try String(contentsOfFile: folder.file("run/summary.json"), encoding: .utf8)
    let before = try scores(summary)
    let now = try scores(run(["evaluate", "run", "--format", "json"]).output)
    #expect(now.count >= 9)
    for (name, value) in now { #expect(abs(value - (before[name] ?? .nan)) < 1e-9, "\(name)") }
  }

  @Test func aRunPredictsAndRecommends() throws {
    let predictions = try run(["predict", "run", "log.inter", "--top", "2"]).output
    #expect(predictions.split(separator: "\n").count == 81)
    let best = try run(["recommend", "run", "--history", "i1,i2", "--top", "2"]).output
    #expect(best.contains("i13"))
  }

  @Test func aRunGoesOn() throws {
    try FileManager.default.removeItem(atPath: folder.file("run/summary.json"))
    _ = try run(["train", "--resume", "--run", "run", "--epochs", "3"])
    let lines = try String(contentsOfFile: folder.file("run/metrics.jsonl"), encoding: .utf8)
    #expect(lines.split(separator: "\n").count == 3)
  }

  @Test func aDatasetIsTrainedOn() throws {
    let model = ["--epochs", "1", "--hidden-size", "8", "--heads", "1", "--layers", "1"]
    let found = try ["dataset", "log.inter"].enumerated().map { place, log in
      try scores(run(["train", log, "--run", "\(place)", "--format", "json"] + model).output)
    }
    #expect(found[0] == found[1])
  }
}
