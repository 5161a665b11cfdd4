import Clseq
import ClseqTestSupport
import Foundation
import Testing

/// `prepare`, `inspect`, baselines and `compare`, as people run them.
@Suite struct DataCommandTests {
  private func document(_ text: String) throws -> [String: Any] {
    let value = try JSONSerialization.jsonObject(with: Data(text.utf8))
    return try #require(value as? [String: Any])
  }

  /// Chinese headers, a quoted id, a type that is dropped, a repeat, and a short user.
  private let log = """
    用户ID,商品ID,行为类型,时间戳
    u1,a,浏览,2024-01-01 10:00:00
    u1,b,点赞,2024-01-01 10:05:00
    u1,b,无效行为,2024-01-01 10:06:00
    u1,b,浏览,2024-01-01 10:07:00
    u1,"c,1",浏览,2024-01-02 09:00:00
    u1,a,浏览,2024-01-03 09:00:00
    u2,b,浏览,2024-01-01 11:00:00
    u2,a,浏览,2024-01-01 12:00:00
    u2,"c,1",浏览,2024-01-04 12:00:00
    u3,a,浏览,2024-01-04 12:00:00

    """

  @Test func prepareCountsWhatEachRuleDrops() throws {
    let folder = try TemporaryFolder()
    _ = try folder.write(Array(log.utf8), to: "log.csv")
    let arguments = ["prepare", "log.csv", "-o", "data", "--drop-event", "无效行为", "--drop-repeats"]
    let result = try Program.run(arguments + ["--format", "json"], in: folder.path)
    #expect(result.status == 0, "\(result.errors)")
    let manifest = try document(result.output)
    #expect(manifest["events"] as? Int == 7 && manifest["users"] as? Int == 2)
    let report = try #require(manifest["report"] as? [String: Any])
    let rules = try #require(report["rules"] as? [[String: Any]])
    #expect(rules.compactMap { $0["rule"] as? String } == ["drop-event", "drop-repeats"])
    #expect(rules.compactMap { $0["events"] as? Int } == [1, 1])
    #expect(report["read_events"] as? Int == 10 && report["skipped_records"] as? Int == 0)

    let again = try Program.run(arguments, in: folder.path)
    #expect(again.status == 73 && again.errors.contains("data: cannot be written: it exists"))
  }

  @Test func inspectDescribesAndDraws() throws {
    let folder = try TemporaryFolder()
    _ = try folder.write(Array(log.utf8), to: "log.csv")
    let result = try Program.run(["inspect", "log.csv", "--plot", "plot.svg"], in: folder.path)
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.output.contains("2024-01-01T10:00:00Z") && result.output.contains("█"))
    let plot = try String(contentsOfFile: folder.file("plot.svg"), encoding: .utf8)
    #expect(plot.hasPrefix("<svg ") && plot.contains("log.csv: events of an item</text>"))
    let statistics = try document(
      try Program.run(["inspect", "log.csv", "--format", "json"], in: folder.path).output)
    #expect(statistics["users"] as? Int == 2 && statistics["events"] as? Int == 9)
    let drawn = try Program.run(["inspect", "log.csv", "--plot", "plot.svg"], in: folder.path)
    #expect(drawn.status == 73)
  }

  @Test func columnsAreNamedAndBadLinesPassedOver() throws {
    let folder = try TemporaryFolder()
    let rows = (0..<6).map { "\($0 == 2 ? "x" : "\($0)"),u,i\($0)\n" }.joined()
    _ = try folder.write(Array(("when,who,what\n" + rows).utf8), to: "log.csv")
    let named = [
      "inspect", "log.csv", "--user-column", "who", "--item-column", "what", "--time-column",
      "when", "--time-format", "s", "--format", "json",
    ]
    let strict = try Program.run(named, in: folder.path)
    #expect(strict.status == 65 && strict.errors.contains("log.csv:4:1: expected a time"))
    let tolerant = try Program.run(named + ["--skip-bad", "1"], in: folder.path)
    #expect(tolerant.status == 0, "\(tolerant.errors)")
    #expect(try document(tolerant.output)["events"] as? Int == 5)
  }

  /// A baseline is a run: evaluated again it has the same scores, and against itself no difference.
  @Test func baselinesAreRunsThatCompare() throws {
    let folder = try TemporaryFolder()
    let made = try Program.run(GenerateCommandTests.small + ["log.inter"], in: folder.path)
    #expect(made.status == 0)
    for model in ["popularity", "markov"] {
      let trained = try Program.run(
        ["train", "log.inter", "--model", model, "--run", model, "--format", "json"],
        in: folder.path)
      #expect(trained.status == 0, "\(trained.errors)")
      let evaluated = try Program.run(
        ["evaluate", model, "--by", "history", "--format", "json"], in: folder.path)
      #expect(evaluated.status == 0, "\(evaluated.errors)")
      let (summary, scores) = (try document(trained.output), try document(evaluated.output))
      #expect(scores["test"] as? [String: Double] == summary["test"] as? [String: Double])
      #expect((scores["groups"] as? [[String: Any]])?.isEmpty == false)
    }
    let same = try document(
      try Program.run(["compare", "markov", "markov", "--format", "json"], in: folder.path).output)
    let rows = try #require(same["rows"] as? [[String: Any]])
    #expect(rows.count == 12 && rows.allSatisfy { $0["difference"] as? Double == 0 })
    let timed = try Program.run(
      [
        "train", "log.inter", "--model", "popularity", "--split-by", "time", "--run", "timed",
        "--quiet",
      ], in: folder.path)
    #expect(timed.status == 0, "\(timed.errors)")
    let other = try Program.run(["evaluate", "timed", "--data", "log.inter"], in: folder.path)
    #expect(other.status == 64 && other.errors.contains("not split that way"))
    let refused = try Program.run(["compare", "popularity", "timed"], in: folder.path)
    #expect(refused.status == 65 && refused.errors.contains("split is 'leave-one-out' and 'time"))
  }
}
