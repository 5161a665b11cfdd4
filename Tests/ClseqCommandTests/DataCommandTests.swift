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

  @Test func tablesAndQueriesAreForDatabases() throws {
    let folder = try TemporaryFolder()
    _ = try folder.write(Array(log.utf8), to: "log.csv")
    for option in ["--table", "--query"] {
      let result = try Program.run(["inspect", "log.csv", option, "x"], in: folder.path)
      #expect(result.status == 65 && result.errors.contains("it is no SQLite database"))
    }
    let both = try Program.run(
      ["inspect", "log.csv", "--table", "x", "--query", "y"], in: folder.path)
    #expect(both.status == 64 && both.errors.contains("table and query exclude one another"))
  }

  @Test func benchReadCounts() throws {
    let folder = try TemporaryFolder()
    _ = try folder.write(Array(log.utf8), to: "log.csv")
    let report = try document(
      try Program.run(["bench", "read", "log.csv", "--format", "json"], in: folder.path).output)
    #expect(report["events"] as? Int == 10 && report["bytes"] as? Int == log.utf8.count)
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
    #expect(rows.count == 9 && rows.allSatisfy { $0["difference"] as? Double == 0 })
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

  /// Numbers, sessions and rare items from flags to a trained run, and numbers of new data by the old
  /// statistics.
  @Test func featuresAndSessionsFromFlags() throws {
    let folder = try TemporaryFolder()
    let rows = (0..<240).map { index in
      let (user, step) = (index % 8, index / 8)
      let price = step == 3 ? "" : "\(Double(step) / 4)"
      return "u\(user),i\((user * step) % 11),\(86_400 * (step / 5) + 60 * step),\(price)\n"
    }
    _ = try folder.write(
      Array(("user_id,item_id,timestamp,price\n" + rows.joined()).utf8), to: "log.csv")
    let prepare = [
      "prepare", "log.csv", "-o", "data", "--feature", "price:log", "--derive", "gap",
      "--derive", "hour:min-max", "--clip", "0.05", "--rare-item-events", "20", "--session-gap",
      "2h", "--format", "json",
    ]
    let strict = try Program.run(prepare, in: folder.path)
    #expect(strict.status == 65 && strict.errors.contains("log.csv:26:"))
    #expect(strict.errors.contains("a value of price"))
    let made = try Program.run(prepare + ["--missing", "fill"], in: folder.path)
    #expect(made.status == 0, "\(made.errors)")
    let manifest = try document(made.output)
    let features = try #require(manifest["features"] as? [[String: Any]])
    #expect(features.compactMap { $0["missing"] as? Int } == [8, 8, 0])
    #expect(manifest["session_gap"] as? Int == 7_200_000_000)

    let inspected = try Program.run(
      ["inspect", "data", "--split-by", "session", "--format", "json"], in: folder.path)
    #expect(inspected.status == 0, "\(inspected.errors)")
    let statistics = try document(inspected.output)
    #expect(statistics["sessions"] as? Int == 48 && (statistics["unknown_events"] as? Int ?? 0) > 0)
    let text = try Program.run(["inspect", "data"], in: folder.path).output
    #expect(text.contains("standardize") && text.contains("min-max"))

    let again = try Program.run(
      [
        "prepare", "log.csv", "-o", "new", "--features-of", "data", "--missing", "drop", "--format",
        "json",
      ], in: folder.path)
    #expect(again.status == 0, "\(again.errors)")
    let known = try document(again.output)
    #expect(known["features"] as? [[String: Any]] as NSArray? == features as NSArray)
    let report = try #require(known["report"] as? [String: Any])
    #expect(report["incomplete_records"] as? Int == 8)

    let trained = try Program.run(
      ["train", "data", "--split-by", "session", "--model", "markov", "--run", "run", "--quiet"],
      in: folder.path)
    #expect(trained.status == 0, "\(trained.errors)")
    let sampled = try Program.run(
      ["evaluate", "run", "--sampled-negatives", "3", "--format", "json"], in: folder.path)
    let summary = try document(sampled.output)
    let scores = try #require(summary["test"] as? [String: Double])
    #expect(scores.count == 9 && scores.keys.allSatisfy { $0.hasSuffix(" (3 sampled)") })
    let passport = try #require(summary["passport"] as? [String: Any])
    #expect(passport["ranking"] as? String == "3 sampled, uniform, seed 42")
    #expect(sampled.errors.contains("sampled ranks"))
  }

  @Test func requestsThatCannotBe() throws {
    let folder = try TemporaryFolder()
    _ = try folder.write(Array(log.utf8), to: "log.csv")
    for (flags, status, message) in [
      (["--derive", "mood"], 64, "one of duration, gap, hour, weekday"),
      (
        ["--derive", "duration"], 65, "the log has no end times, which the duration of events needs"
      ),
      (["--feature", "price"], 65, "expected a column \"price\""),
      (["--clip", "0.5"], 64, "from 0 to below 0.5"),
      (["--features-of", "nowhere"], 66, "nowhere/dataset.json: no such file"),
      (["--features-of", "x", "--derive", "gap"], 64, "brings its own"),
    ] {
      let result = try Program.run(["prepare", "log.csv", "-o", "data"] + flags, in: folder.path)
      #expect(result.status == status && result.errors.contains(message), "\(result.errors)")
    }
    let split = try Program.run(
      ["train", "log.csv", "--split-by", "session", "--model", "popularity"], in: folder.path)
    #expect(split.status == 65 && split.errors.contains("no sessions by a column or a gap"))
  }

  /// Tables of attributes are inspected, kept in a dataset, and divide the users of an evaluation.
  @Test func attributesDescribeAndDivide() throws {
    let folder = try TemporaryFolder()
    _ = try folder.write(Array(log.utf8), to: "log.csv")
    _ = try folder.write(
      Array("用户ID,age,zip\nu1,30,007\nu2,,12\nu9,1,13\n".utf8), to: "users.csv")
    _ = try folder.write(
      Array("{\"商品ID\": \"a\", \"tags\": [\"x\", \"y\"]}\n".utf8), to: "items.jsonl")
    let tables = ["--users", "users.csv", "--items", "items.jsonl"]
    let prepared = try Program.run(
      ["prepare", "log.csv", "-o", "data", "--attribute-kinds", "zip=token"] + tables,
      in: folder.path)
    #expect(prepared.status == 0, "\(prepared.errors)")
    let inspected = try Program.run(["inspect", "data"], in: folder.path)
    #expect(inspected.status == 0, "\(inspected.errors)")
    #expect(inspected.output.contains("30.00 to 30.00, mean 30.00"))
    #expect(inspected.output.contains("users.csv: 3 rows, 1 of them for none of the users"))

    let trained = try Program.run(
      ["train", "data", "--model", "popularity", "--run", "run", "--quiet"], in: folder.path)
    #expect(trained.status == 0, "\(trained.errors)")
    for (by, names) in [
      ("user:zip", ["007", "12"]), ("user:age", ["≥ 30", "(missing)"]), ("item:tags", ["x", "y"]),
    ] {
      let result = try Program.run(
        ["evaluate", "run", "--by", by, "--format", "json"], in: folder.path)
      #expect(result.status == 0, "\(result.errors)")
      let groups = try #require(try document(result.output)["groups"] as? [[String: Any]])
      let found = groups.compactMap { $0["group"] as? String }
      #expect(names.allSatisfy(found.contains), "\(by): \(found)")
    }
    let other = try document(
      try Program.run(
        ["evaluate", "run", "--by", "user:zip", "--by-metric", "HR@1", "--format", "json"],
        in: folder.path
      ).output)
    #expect(other["group_metric"] as? String == "HR@1")
    for (metric, message) in [("HR", "no figure 'HR'"), ("Recall@5", "HR@10, NDCG@10, MRR@10")] {
      let wrong = try Program.run(
        ["evaluate", "run", "--by", "history", "--by-metric", metric], in: folder.path)
      #expect(wrong.status == 64 && wrong.errors.contains(message), "\(wrong.errors)")
    }
    let lone = try Program.run(["evaluate", "run", "--by-metric", "HR@5"], in: folder.path)
    #expect(lone.status == 64 && lone.errors.contains("add --by"))
    let unknown = try Program.run(["evaluate", "run", "--by", "user:job"], in: folder.path)
    #expect(unknown.status == 64 && unknown.errors.contains("they have: age, zip"))
    let none = try Program.run(["evaluate", "run", "--by", "user"], in: folder.path)
    #expect(none.status == 64)
  }
}
