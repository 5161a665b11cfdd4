import Clseq
import ClseqTestSupport
import Foundation
import Testing

/// `train`, `evaluate`, `compare`, `predict` and `report` of tasks beside the ranking of items.
@Suite struct TaskCommandTests {
  /// A folder with a typed shop.
  private func shop() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    _ = try run(
      ["generate", "shop.inter", "--typed", "--users", "200", "--items", "100"], in: folder)
    return folder
  }

  @discardableResult
  private func run(_ arguments: [String], in folder: TemporaryFolder) throws -> Program.Result {
    let result = try Program.run(arguments, in: folder.path)
    #expect(result.status == 0, "\(arguments): \(result.errors)")
    return result
  }

  private func document(_ arguments: [String], in folder: TemporaryFolder) throws -> [String: Any] {
    let result = try run(arguments + ["--format", "json"], in: folder)
    let value = try JSONSerialization.jsonObject(with: Data(result.output.utf8))
    return try #require(value as? [String: Any])
  }

  private static let short = [
    "--epochs", "2", "--hidden-size", "16", "--heads", "2", "--max-length", "10",
  ]

  private func trainClicks(
    as name: String, in folder: TemporaryFolder, _ more: [String] = []
  ) throws {
    try run(
      ["train", "shop.inter", "--task", "click", "--target", "type=purchase", "--run", name]
        + Self.short + more, in: folder)
  }

  @Test func clicksHaveIntervalsGroupsAndCurves() throws {
    let folder = try shop()
    try trainClicks(as: "run", in: folder)
    let found = try document(
      ["evaluate", "run", "--by", "history", "--by-metric", "log loss"], in: folder)
    let scores = try #require(found["test"] as? [String: Double])
    let intervals = try #require(found["intervals"] as? [String: [Double]])
    #expect(
      Set(scores.keys) == [
        "AUC", "GAUC", "PR-AUC", "log loss", "ECE (15 bins of equal mass)", "accuracy",
      ])
    for (name, score) in scores where name != "ECE (15 bins of equal mass)" {
      let bounds = try #require(intervals[name])
      #expect(bounds[0] < bounds[1] && bounds[0] <= score && score <= bounds[1], "\(name)")
    }
    #expect(found["group_metric"] as? String == "log loss")
    let groups = try #require(found["groups"] as? [[String: Any]])
    let cases = groups.compactMap { $0["cases"] as? Int }.reduce(0, +)
    let curves = try #require(found["yes_no"] as? [String: Any])
    #expect(curves["cases"] as? Int == cases && groups.count > 1)
    #expect((curves["thresholds"] as? [Any])?.count == 9)
    let neighbours = try #require(found["neighbours"] as? [String: [String: Double]])
    #expect(Set(neighbours.keys) == ["constant", "mean of item", "mean of user"])
    #expect(neighbours["constant"]?["AUC"] == 0.5)

    let text = try run(["evaluate", "run"], in: folder).output
    for part in [" to ", "best F1", "decile", "mean of item"] { #expect(text.contains(part)) }
    let wrong = try Program.run(
      ["evaluate", "run", "--by", "history", "--by-metric", "NDCG@10"], in: folder.path)
    #expect(wrong.status == 64 && wrong.errors.contains("AUC, GAUC, PR-AUC"), "\(wrong.errors)")
    let sampled = try Program.run(["evaluate", "run", "--sampled-negatives", "9"], in: folder.path)
    #expect(sampled.status == 64 && sampled.errors.contains("of rankings"))
    try run(["report", "run"], in: folder)
    let page = try String(contentsOfFile: folder.file("run/report.html"), encoding: .utf8)
    for id in ["precision-recall", "calibration", "lift", "groups-0", "groups-1"] {
      #expect(page.contains("<title id=\"\(id)-title\">"), "\(id)")
    }
  }

  @Test func runsOfATaskAreCompared() throws {
    let folder = try shop()
    try trainClicks(as: "one", in: folder)
    try trainClicks(as: "two", in: folder, ["--inputs", "none"])
    let two = try document(["compare", "one", "two"], in: folder)
    let rows = try #require(two["rows"] as? [[String: Any]])
    #expect(rows.compactMap { $0["metric"] as? String }.contains("GAUC"))
    #expect(rows.contains { $0["difference"] as? Double != 0 })
    let several = try document(["compare", "one", "two", "one"], in: folder)
    let comparisons = try #require(several["comparisons"] as? [[String: Any]])
    #expect(comparisons.map { $0["runs"] as? [String] } == [["one", "two"], ["one", "one"]])
    let same = try #require(comparisons[1]["rows"] as? [[String: Any]])
    #expect(same.allSatisfy { $0["difference"] as? Double == 0 && $0["p_value"] as? Double == 1 })
  }

  /// Weights move probabilities; what names no class is refused, also where there are no classes.
  @Test func weightsOfYesAndNoCount() throws {
    let folder = try shop()
    var predictions: [String] = []
    for (name, weights) in [("plain", ""), ("balanced", "balanced"), ("heavy", "0=1,1=20")] {
      try trainClicks(
        as: name, in: folder, weights.isEmpty ? [] : ["--class-weights", weights])
      predictions.append(try run(["predict", name, "shop.inter"], in: folder).output)
    }
    #expect(Set(predictions).count == 3)
    func mean(_ text: String) -> Double {
      let values = text.split(separator: "\n").dropFirst()
        .compactMap { $0.split(separator: ",").compactMap { Double($0) }.last }
      return values.reduce(0, +) / Double(values.count)
    }
    #expect(mean(predictions[2]) > mean(predictions[0]) + 0.1)
    for (task, weights) in [
      (["click", "--target", "type=purchase"], "nonsense=7"),
      (["click", "--target", "type=purchase"], "1=-2"),
      (["classify", "--horizon", "30d"], "2=1"), (["regress", "--horizon", "30d"], "balanced"),
      (["next-item"], "balanced"),
    ] {
      let result = try Program.run(
        ["train", "shop.inter", "--run", "no", "--class-weights", weights, "--task"] + task
          + Self.short, in: folder.path)
      #expect(result.status == 64 && result.errors.contains(/class.weights/), "\(result.errors)")
    }
  }

  @Test func probabilitiesAreRecalibrated() throws {
    let folder = try shop()
    try trainClicks(as: "run", in: folder, ["--class-weights", "0=1,1=8"])
    let early = try Program.run(["predict", "run", "shop.inter", "--calibrated"], in: folder.path)
    #expect(early.status == 64 && early.errors.contains("--calibrate platt"), "\(early.errors)")
    let name = "ECE (15 bins of equal mass)"
    let raw = try document(["evaluate", "run"], in: folder)
    let before = try #require((raw["test"] as? [String: Double])?[name])
    let plain = try run(["predict", "run", "shop.inter"], in: folder).output
    for method in ["isotonic", "platt"] {
      let found = try document(["evaluate", "run", "--calibrate", method], in: folder)
      let after = try #require((found["test"] as? [String: Double])?[name])
      #expect(after < 0.5 * before, "\(method): \(before), \(after)")
      let passport = try #require(found["passport"] as? [String: Any])
      let text = try #require(passport["calibration"] as? String)
      #expect(text.hasPrefix("\(method), fitted on") && text.contains("validation"))
      let predicted = try run(["predict", "run", "shop.inter", "--calibrated"], in: folder)
      #expect(predicted.output != plain && predicted.errors.contains(text))
    }
    #expect(try run(["predict", "run", "shop.inter"], in: folder).output == plain)
    try run(
      ["train", "shop.inter", "--task", "next-event-type", "--run", "types"] + Self.short,
      in: folder)
    let types = try Program.run(["evaluate", "types", "--calibrate", "platt"], in: folder.path)
    #expect(types.status == 64 && types.errors.contains("of a yes"))
  }

  /// Counts are never foretold below zero, and stand beside the mean, the median and two lines.
  @Test func amountsAreNeverNegative() throws {
    let folder = try shop()
    try run(
      ["train", "shop.inter", "--task", "regress", "--horizon", "60d", "--model", "gru"]
        + ["--run", "run"] + Self.short, in: folder)
    let found = try document(["evaluate", "run", "--by", "history"], in: folder)
    let intervals = try #require(found["intervals"] as? [String: [Double]])
    #expect(Set(intervals.keys) == ["RMSE", "MAE"])
    let neighbours = try #require(found["neighbours"] as? [String: [String: Double]])
    #expect(
      Set(neighbours.keys) == ["mean", "median", "recency", "recency, frequency, value"])
    let predicted = try run(["predict", "run", "shop.inter"], in: folder).output
    let values = predicted.split(separator: "\n").dropFirst().flatMap {
      $0.split(separator: ",").suffix(1).compactMap { Double($0) }
    }
    #expect(values.count > 100 && values.allSatisfy { $0 >= 0 })
  }

  @Test func allPartsOfSeveralTasksHaveIntervals() throws {
    let folder = try shop()
    try run(
      ["train", "shop.inter", "--task", "multi", "--tasks", "next-item,next-type,return"]
        + ["--run", "run"] + Self.short, in: folder)
    let found = try document(
      ["evaluate", "run", "--by", "popularity", "--by-metric", "next-item HR@3"], in: folder)
    let scores = try #require(found["test"] as? [String: Double])
    let intervals = try #require(found["intervals"] as? [String: [Double]])
    for name in ["next-item NDCG@10", "next-type accuracy", "return concordance"] {
      #expect(scores[name] != nil && intervals[name]?.count == 2, "\(name)")
    }
    #expect(found["group_metric"] as? String == "next-item HR@3")
    #expect(!scores.keys.contains { $0.contains("Recall") })
    let same = try document(["compare", "run", "run"], in: folder)
    #expect((same["rows"] as? [Any])?.count == scores.count)
  }
}
