import ClseqTestSupport
import ClseqTraining
import Foundation
import Testing

/// Several runs of one call: `train --seeds` and `tune`.
@Suite struct SweepTests {
  private static let settings = [
    "--device", "reference", "--hidden-size", "8", "--heads", "1", "--layers", "1",
    "--max-length", "10", "--epochs", "2", "--format", "json", "--quiet",
  ]

  private func folderWithLog() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    let words = "generate --users 40 --items 30 --max-events 12 log.inter".split(separator: " ")
    #expect(try Program.run(words.map(String.init), in: folder.path).status == 0)
    return folder
  }

  private func train(_ words: [String], in folder: TemporaryFolder) throws -> [String: Any] {
    let result = try Program.run(words + Self.settings, in: folder.path)
    try #require(result.status == 0, "\(result.errors)")
    let document = try JSONSerialization.jsonObject(with: Data(result.output.utf8))
    return try #require(document as? [String: Any])
  }

  @Test func seedsGiveMeanAndSpread() throws {
    let folder = try folderWithLog()
    let call = ["train", "log.inter", "--run", "runs/s", "--seeds"]
    let report = try train(call + ["1,2"], in: folder)
    let test = try #require(report["test"] as? [String: [String: Any]])
    let figure = try #require(test["NDCG@10"])
    let values = try #require(figure["values"] as? [Double])
    let alone = try train(["train", "log.inter", "--run", "one", "--seed", "2"], in: folder)
    #expect(values.count == 2)
    #expect(values[1] == (alone["test"] as? [String: Double])?["NDCG@10"])
    #expect(abs((figure["mean"] as? Double ?? 0) - (values[0] + values[1]) / 2) < 1e-12)
    let deviation = try #require(figure["standard_deviation"] as? Double)
    #expect(abs(deviation - abs(values[0] - values[1]) / 2.0.squareRoot()) < 1e-12)

    // A third is added; those that are there are not trained again.
    let model = folder.file("runs/s/seed-1/best/model.safetensors")
    let date = try FileManager.default.attributesOfItem(atPath: model)[.modificationDate] as? Date
    let more = try train(call + ["1,2,3", "--resume"], in: folder)
    #expect((more["runs"] as? [String])?.count == 3)
    #expect(
      try FileManager.default.attributesOfItem(atPath: model)[.modificationDate] as? Date == date)
    #expect(try Program.run(call + ["1"] + Self.settings, in: folder.path).status == 73)
  }

  @Test func trialsAreSortedByValidation() throws {
    let folder = try folderWithLog()
    let call = [
      "tune", "log.inter", "--run", "t", "--search", "dropout=0.1..0.5", "--search",
      "learning-rate=1e-3..1e-1:log", "--trials",
    ]
    let report = try train(call + ["3"], in: folder)
    let trials = try #require(report["trials"] as? [[String: Any]])
    let scores = trials.compactMap { ($0["validation"] as? [String: Double])?["NDCG@10"] }
    #expect(scores.count == 3 && scores == scores.sorted(by: >))
    let best = try #require(trials.first?["values"] as? [String: String])
    let yaml = try String(contentsOfFile: folder.file("t/best.yaml"), encoding: .utf8)
    #expect(yaml.contains("dropout: \(best["dropout"] ?? "?")\n"))
    let more = try train(call + ["4", "--resume"], in: folder)
    #expect((more["trials"] as? [[String: Any]])?.count == 4)
  }

  @Test func aTrialThatFailsStandsLastWithItsReason() throws {
    let folder = try folderWithLog()
    // Trial by trial: what trains, what diverges, what is too large, what does not fit.
    let call = [
      "tune", "log.inter", "--run", "t", "--memory", "64MiB", "--batch-size", "4",
      "--learning-rate", "500", "--search", "weight-decay=0|999", "--search", "hidden-size=8|65536",
      "--search", "heads=1|3",
      "--trials", "12",
    ]
    let settings =
      Self.settings.filter { !["--hidden-size", "8", "--heads", "1"].contains($0) }
      .filter { $0 != "--layers" } + ["--layers", "1"]
    let result = try Program.run(call + settings, in: folder.path)
    try #require(result.status == 0, "\(result.errors)")
    let report = try #require(
      try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
    let trials = try #require(report["trials"] as? [[String: Any]])
    #expect(trials.count == 12)
    let reasons = trials.map { $0["failure"] as? String }
    let firstFailure = try #require(reasons.firstIndex { $0 != nil })
    #expect(firstFailure > 0 && reasons[firstFailure...].allSatisfy { $0 != nil })
    let all = reasons.compactMap { $0 }.joined(separator: "\n")
    for word in ["lower --learning-rate", "bytes needed", "must divide hidden_size"] {
      #expect(all.contains(word), "\(all)")
    }
    #expect(FileManager.default.fileExists(atPath: folder.file("t/best.yaml")))

    // What diverged is not trained again, and stays in the table.
    let diverged = try #require(
      trials.first { ($0["failure"] as? String)?.contains("--learning-rate") == true })
    let metrics = folder.file("t/\(diverged["name"] as? String ?? "")/config.yaml")
    try FileManager.default.removeItem(atPath: metrics)
    let again = try Program.run(call + settings + ["--resume"], in: folder.path)
    #expect(again.status == 0 && again.output == result.output, "\(again.errors)")
  }

  @Test func aSearchOfFailuresEndsWithItsTableAnd70() throws {
    let folder = try folderWithLog()
    let call = [
      "tune", "log.inter", "--run", "t", "--search", "dropout=0.1|0.2", "--trials", "2",
      "--batch-size", "4", "--learning-rate", "500", "--weight-decay", "999",
    ]
    let text = Self.settings.filter { $0 != "--format" && $0 != "json" }
    let result = try Program.run(call + text, in: folder.path)
    #expect(result.status == 70, "\(result.errors)")
    #expect(result.output.contains("trial-002 failed: step"))
    #expect(!FileManager.default.fileExists(atPath: folder.file("t/best.yaml")))
    // What no trial can do is an error of its own.
    let none = try Program.run(["tune", "none.csv", "--search", "dropout=0.1|0.2"] + text)
    #expect(none.status == 66)
  }

  @Test func inputsAreSearched() throws {
    let folder = try folderWithLog()
    let log =
      "user_id,item_id,event_type,price,timestamp\n"
      + (0..<240).map { row in
        "u\(row % 20),i\(row * 7 % 11),\(row % 3 == 0 ? "buy" : "view"),\(row % 5),\(1_600_000_000 + row)\n"
      }.joined()
    _ = try folder.write(Array(log.utf8), to: "log.csv")
    let report = try train(
      [
        "tune", "log.csv", "--run", "t", "--search", "inputs=none|type|features", "--search",
        "event-features=price|price:log", "--search", "max-length=5|8", "--trials", "8",
      ], in: folder)
    let trials = try #require(report["trials"] as? [[String: Any]])
    #expect(trials.count == 8 && trials.allSatisfy { $0["failure"] == nil }, "\(trials)")
    let inputs = trials.compactMap { ($0["values"] as? [String: String])?["inputs"] }
    #expect(Set(inputs).count > 1)
  }

  @Test(arguments: [
    ["train", "log.inter", "--seeds", "1,x"], ["train", "log.inter", "--seeds", "1,1"],
    ["train", "log.inter", "--seeds", "1,2", "--model", "markov"], ["tune", "log.inter"],
    ["tune", "log.inter", "--search", "dropout"], ["tune", "log.inter", "--search", "bogus=1|2"],
    ["tune", "log.inter", "--search", "dropout=0.5..2"],
  ])
  func mistakesAreToldBeforeTraining(_ words: [String]) throws {
    let folder = try folderWithLog()
    let result = try Program.run(words, in: folder.path)
    #expect(result.status == 64, "\(result.errors)")
    #expect(try folder.names() == ["log.inter"])
  }

  @Test func rangesAreRead() throws {
    func values(_ text: String) -> SearchRange.Values? { SearchRange(text)?.values }
    #expect(SearchRange("hidden-size=32|64")?.key == "hidden_size")
    #expect(values("hidden-size=32|64") == .choices(["32", "64"]))
    #expect(
      values("layers=1..3")
        == .numbers(from: 1, through: 3, isWhole: true, isLogarithmic: false))
    #expect(
      values("x=1e-4..1e-2:log")
        == .numbers(from: 1e-4, through: 1e-2, isWhole: false, isLogarithmic: true))
    for wrong in ["x", "x=", "x=1..", "x=3..1", "x=0..1:log", "x=a|", "x=nan..1", "x=1:log"] {
      #expect(SearchRange(wrong) == nil, "\(wrong)")
    }
  }

  @Test func drawsLieInTheRangeAndDependOnTheTrialAlone() throws {
    let layers = try #require(SearchRange("layers=1..3"))
    let draws = (0..<300).map { layers.value(trial: $0, seed: 7) }
    #expect(Set(draws) == ["1", "2", "3"] && draws.count { $0 == "2" } > 60)
    #expect(draws == (0..<300).map { layers.value(trial: $0, seed: 7) })
    #expect(draws != (0..<300).map { layers.value(trial: $0, seed: 8) })
    let rate = try #require(SearchRange("learning_rate=1e-4..1e-2:log"))
    let rates = (0..<300).compactMap { Double(rate.value(trial: $0, seed: 7)) }
    #expect(rates.allSatisfy { (1e-4...1e-2).contains($0) })
    #expect((100...200).contains(rates.count { $0 < 1e-3 }))
  }
}
