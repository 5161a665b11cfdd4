import Clseq
import ClseqTestSupport
import Foundation
import Testing

/// `compare` of two baselines on a small shop.
@Suite struct CompareCommandTests {
  /// Trains a run. Returns its summary.
  @discardableResult
  private func train(
    _ model: String, as name: String, in folder: TemporaryFolder, _ more: [String] = []
  ) throws -> [String: Any] {
    if try !folder.names().contains("log.inter") {
      let made = try Program.run(GenerateCommandTests.small + ["log.inter"], in: folder.path)
      #expect(made.status == 0, "\(made.errors)")
    }
    let arguments = ["train", "log.inter", "--model", model, "--run", name, "--format", "json"]
    return try document(arguments + more, in: folder)
  }

  private func document(_ arguments: [String], in folder: TemporaryFolder) throws -> [String: Any] {
    let result = try Program.run(arguments, in: folder.path)
    #expect(result.status == 0, "\(result.errors)")
    let value = try JSONSerialization.jsonObject(with: Data(result.output.utf8))
    return try #require(value as? [String: Any])
  }

  private func compare(
    _ first: String, _ second: String, in folder: TemporaryFolder, _ more: [String] = []
  ) throws -> [String: Any] {
    try document(["compare", first, second, "--format", "json"] + more, in: folder)
  }

  private func rows(_ comparison: [String: Any]) throws -> [[String: Any]] {
    try #require(comparison["rows"] as? [[String: Any]])
  }

  /// Both parts, each against the scores that `train` gave.
  @Test(arguments: ["test", "validation"])
  func rowsHoldBothScoresAndFirstMinusSecond(part: String) throws {
    let folder = try TemporaryFolder()
    let scores = try ["markov", "popularity"].map { model in
      try #require(try train(model, as: model, in: folder)[part] as? [String: Double])
    }
    let more = part == "test" ? [] : ["--part", part]
    let comparison = try compare("markov", "popularity", in: folder, more)
    #expect(comparison["runs"] as? [String] == ["markov", "popularity"])
    #expect(comparison["split"] as? String == part && comparison["users"] as? Int == 30)
    let rows = try rows(comparison)
    #expect(Set(rows.compactMap { $0["metric"] as? String }) == Set(scores[0].keys))
    for row in rows {
      let metric = try #require(row["metric"] as? String)
      let numbers = try ["first", "second", "difference", "p_value"].map {
        try #require(row[$0] as? Double)
      }
      let (first, second) = (try #require(scores[0][metric]), try #require(scores[1][metric]))
      #expect(
        largestError(numbers.dropLast(), [first, second, first - second]) < Tolerance.meanGain)
      let interval = try #require(row["interval"] as? [Double])
      #expect(interval.count == 2 && interval[0] <= numbers[2] && numbers[2] <= interval[1])
      #expect(numbers[3] > 0 && numbers[3] <= 1)
    }
    // Without a difference nothing above tells the first from the second.
    #expect(rows.contains { $0["difference"] as? Double != 0 })
    #expect(rows.contains { ($0["interval"] as? [Double]).map { $0[0] < $0[1] } == true })
  }

  @Test func aRunEqualsItself() throws {
    let folder = try TemporaryFolder()
    try train("markov", as: "markov", in: folder)
    // The log is read once.
    let told = try Program.run(["compare", "markov", "markov"], in: folder.path).errors
    #expect(told.split(separator: "\n").count { $0.contains("log.inter") } == 1, "\(told)")
    for row in try rows(compare("markov", "markov", in: folder)) {
      #expect(row["difference"] as? Double == 0 && row["p_value"] as? Double == 1)
      #expect(row["interval"] as? [Double] == [0, 0] && row["first"] as? Double != nil)
    }
  }

  /// The scores of a popularity ranking do not depend on the seed; the users that are drawn do.
  @Test func theSeedOfTheFirstRunDrawsTheUsers() throws {
    let folder = try TemporaryFolder()
    try train("popularity", as: "one", in: folder, ["--seed", "1"])
    try train("popularity", as: "two", in: folder, ["--seed", "2"])
    try train("markov", as: "markov", in: folder, ["--seed", "1"])
    let intervals = try [("one", "markov"), ("two", "markov"), ("one", "two")].map { pair in
      try rows(compare(pair.0, pair.1, in: folder)).map { $0["interval"] as? [Double] }
    }
    #expect(intervals[0] != intervals[1])
    #expect(intervals[2].allSatisfy { $0 == [0, 0] })
    let again = try rows(compare("one", "markov", in: folder)).map { $0["interval"] as? [Double] }
    #expect(again == intervals[0])
  }

  @Test func peopleReadATable() throws {
    let folder = try TemporaryFolder()
    try train("markov", as: "markov", in: folder)
    try train("popularity", as: "popular", in: folder)
    let result = try Program.run(["compare", "markov", "popular"], in: folder.path)
    #expect(result.status == 0, "\(result.errors)")
    let lines = result.output.split(separator: "\n").map(String.init)
    func cells(_ line: String) -> [String] {
      line.components(separatedBy: "  ").map { $0.trimmingCharacters(in: .whitespaces) }
        .filter { !$0.isEmpty }
    }
    #expect(
      cells(lines[0]) == ["metric", "first", "second", "difference", "95 % interval", "p"])
    #expect(lines.suffix(3) == ["first   markov", "second  popular", "users   30"])

    let rows = try rows(compare("markov", "popular", in: folder))
    #expect(lines.count == 2 + rows.count + 3)
    for (row, line) in zip(rows, lines.dropFirst(2)) {
      func fixed(_ value: Any?, _ digits: Int) throws -> String {
        String(format: "%.\(digits)f", try #require(value as? Double))
      }
      let bounds = try #require(row["interval"] as? [Double])
      #expect(
        cells(line) == [
          try #require(row["metric"] as? String), try fixed(row["first"], 4),
          try fixed(row["second"], 4), try fixed(row["difference"], 4),
          "\(try fixed(bounds[0], 4)) to \(try fixed(bounds[1], 4))",
          try fixed(row["p_value"], 3),
        ])
    }
  }

  @Test(arguments: [["markov", "nowhere"], ["nowhere", "markov"]])
  func bothRunsMustBeThere(runs: [String]) throws {
    let folder = try TemporaryFolder()
    try train("markov", as: "markov", in: folder)
    let result = try Program.run(["compare"] + runs, in: folder.path)
    #expect(result.status == 66 && result.errors.contains("no run at nowhere"))
    #expect(result.output.isEmpty)
  }
}
