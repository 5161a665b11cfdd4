import ClseqTestSupport
import Foundation
import Testing

/// `predict --steps` of runs trained on a small log, as people run it.
@Suite(.serialized) struct GenerationCommandTests {
  /// A log, and runs trained on it; made once.
  private static let trained = Result {
    let folder = try TemporaryFolder()
    var log = "user_id,item_id,event,timestamp\n"
    for user in 0..<20 {
      for place in 0..<6 + user % 5 {
        let item = (user * 7 + place * 3) % 20
        log += "u\(user),i\(item),\(["view", "buy"][item % 2]),\(1_700_000_000 + place * 3_600)\n"
      }
    }
    _ = try folder.write(Array(log.utf8), to: "log.csv")
    let sizes = ["--hidden-size", "16", "--max-length", "8", "--epochs", "1", "--batch-size", "8"]
    for (run, options) in [
      ("run", []), ("types", ["--task", "next-event-type"]), ("masks", ["--model", "bert4rec"]),
      ("written", ["--model", "seq2seq"]), ("both", ["--task", "multi"]),
      ("written-types", ["--model", "seq2seq", "--task", "multi"]),
    ] {
      let result = try Program.run(
        ["train", "log.csv", "--run", run, "--device", "reference", "--quiet"] + sizes + options,
        in: folder.path)
      #expect(result.status == 0, "\(result.errors)")
    }
    let result = try Program.run(
      ["train", "log.csv", "--run", "popular", "--model", "popularity", "--quiet"], in: folder.path)
    #expect(result.status == 0, "\(result.errors)")
    return folder
  }

  private func run(_ arguments: String...) throws -> Program.Result {
    try Program.run(arguments, in: try Self.trained.get().path)
  }

  private func cells(_ text: String) -> [[String]] {
    text.split(separator: "\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
  }

  @Test func aLineTellsEachStepOfAUser() throws {
    let result = try run("predict", "run", "log.csv", "--steps", "4")
    #expect(result.status == 0, "\(result.errors)")
    let rows = cells(result.output)
    #expect(rows[0] == ["user", "step", "item", "score"] && rows.count == 1 + 20 * 4)
    #expect(rows[1...5].map { $0[0] } == ["u0", "u0", "u0", "u0", "u1"])
    #expect(rows[1...4].map { $0[1] } == ["1", "2", "3", "4"])
    #expect(rows.dropFirst().allSatisfy { 0 < Double($0[3])! && Double($0[3])! <= 1 })
    #expect(result.errors.contains("80 lines for 20 users") && !result.errors.contains("no effect"))
    // The first step is the first of the ranking.
    let ranked = cells(try run("predict", "run", "log.csv", "--top", "1").output).dropFirst()
    #expect(ranked.map { $0[2] } == rows.dropFirst().filter { $0[1] == "1" }.map { $0[2] })
    let lines = try run(
      "predict", "run", "log.csv", "--steps", "4", "--output-format", "jsonl"
    ).output.split(separator: "\n")
    #expect(lines.count == 80 && lines[0].hasPrefix("{\"user\":\"u0\",\"step\":1,\"item\":\"i"))
  }

  /// A run that predicts types writes them, with their truths.
  @Test(arguments: ["both", "written-types"])
  func typesAreWrittenBesideItems(_ name: String) throws {
    let result = try run(
      "predict", name, "log.csv", "--steps", "3", "--omit-last", "2", "--with-truth")
    #expect(result.status == 0, "\(result.errors)")
    let rows = cells(result.output)
    #expect(rows[0] == ["user", "step", "item", "type", "score", "truth", "type.truth", "part"])
    for user in 0..<20 {
      let own = rows.filter { $0[0] == "u\(user)" }
      let count = 6 + user % 5
      let last = (count - 2..<count).map { ["view", "buy"][(user * 7 + $0 * 3) % 20 % 2] }
      #expect(own.map { $0[6] } == last + [""])
      #expect(own.allSatisfy { ["view", "buy"].contains($0[3]) })
    }
    let scores = try run(
      "evaluate", name, "--steps", "1", "--format", "json", "--device", "reference", "--quiet")
    #expect(scores.status == 0 && scores.output.contains("\"type accuracy\""), "\(scores.errors)")
    #expect(
      try !run("evaluate", "run", "--steps", "1", "--format", "json", "--quiet").output
        .contains("type accuracy"))
  }

  /// The seed is the run's or an option; a search and draws are other choices than the likeliest item.
  @Test func itemsAreChosenAsRequested() throws {
    func output(_ options: String...) throws -> String {
      let result = try Program.run(
        ["predict", "run", "log.csv", "--steps", "3", "--seen", "allow"] + options,
        in: try Self.trained.get().path)
      #expect(result.status == 0 && !result.errors.contains("no effect"), "\(result.errors)")
      return result.output
    }
    let greedy = try output()
    #expect(try output("--decode", "greedy") == greedy)
    #expect(try output("--decode", "beam", "--beams", "1") == greedy)
    #expect(try output("--decode", "beam") == output("--decode", "beam", "--beams", "4"))
    let drawn = try output("--decode", "sample")
    #expect(try output("--decode", "sample", "--seed", "42") == drawn && drawn != greedy)
    #expect(try output("--decode", "sample", "--seed", "43") != drawn)
    #expect(try output("--decode", "sample", "--top-p", "0.2") != drawn)
    #expect(try output("--decode", "sample", "--temperature", "9") != drawn)
    let first = cells(greedy).map { Array($0.prefix(3)) }
    #expect(
      cells(try output("--decode", "sample", "--top-k", "1")).map { Array($0.prefix(3)) } == first)
  }

  /// The truth of a step is the item of that event, where the last ones are left out.
  @Test func truthsAreThoseOfTheSteps() throws {
    let result = try run(
      "predict", "run", "log.csv", "--steps", "3", "--omit-last", "2", "--with-truth")
    #expect(result.status == 0, "\(result.errors)")
    let rows = cells(result.output)
    #expect(rows[0] == ["user", "step", "item", "score", "truth", "part"])
    for user in 0..<20 {
      let own = rows.filter { $0[0] == "u\(user)" }
      let count = 6 + user % 5
      let last = (count - 2..<count).map { "i\((user * 7 + $0 * 3) % 20)" }
      #expect(own.map { $0[4] } == last + [""])
      #expect(own.map { $0[5] } == ["validation", "test", "none"])
    }
  }

  @Test(
    arguments: [
      (["types"], "next-event-type, and ranks no items"), (["masks"], "bert4rec fills masks"),
      (["popular"], "popularity is a baseline"),
      (["run", "--decode", "beam", "--beams", "21"], "beams is 21, and there are 20 items"),
      (["run", "--steps", "0"], "--steps is 0, and must be 1 to 1000"),
      (["run", "--top-p", "1.5"], "--top-p is 1.5, and must be above 0 and at most 1"),
      (["run", "--temperature", "0"], "--temperature is 0.0, and must be above 0"),
    ] as [([String], String)])
  func whatCannotBeIsRefused(_ options: [String], _ message: String) throws {
    let result = try Program.run(
      ["predict", options[0], "no-such.csv", "--steps", "2"] + options.dropFirst(),
      in: try Self.trained.get().path)
    #expect(result.status == 64 && result.errors.contains(message), "\(result.errors)")
    #expect(result.output.isEmpty)
  }

  @Test(
    arguments: [
      (["--decode", "beam"], "--decode has no effect: it is for --steps"),
      (["--seed", "1"], "--seed has no effect: it is for --steps"),
      (["--steps", "1", "--beams", "2"], "--beams has no effect: it is for --decode beam"),
      (["--steps", "1", "--decode", "beam", "--top-k", "2"], "--top-k has no effect: it is for"),
      (["--steps", "1", "--top", "2"], "--top has no effect with --steps"),
      (["--steps", "1", "--calibrated"], "--calibrated has no effect with --steps"),
    ] as [([String], String)])
  func optionsWithoutEffectAreReported(_ options: [String], _ message: String) throws {
    let result = try Program.run(
      ["predict", "run", "log.csv"] + options, in: try Self.trained.get().path)
    #expect(result.status == 0 && result.errors.contains(message), "\(result.errors)")
  }

  @Test func writtenEventsArePredictedAndScored() throws {
    let folder = try Self.trained.get().path
    let lines = try Program.run(
      ["predict", "written", "log.csv", "--steps", "5", "--device", "reference", "--quiet"],
      in: folder)
    #expect(lines.status == 0 && lines.output.hasPrefix("user,step,item,score\n"))
    let scores = try Program.run(
      [
        "evaluate", "written", "--steps", "1", "--format", "json", "--device", "reference",
        "--quiet",
      ], in: folder)
    #expect(scores.status == 0, "\(scores.errors)")
    for word in ["\"BLEU-4\"", "\"edit distance\"", "\"NDCG@10\"", "\"passport\""] {
      #expect(scores.output.contains(word), "\(word)")
    }
    let table = try Program.run(
      ["evaluate", "run", "--steps", "1", "--device", "reference", "--quiet"], in: folder)
    #expect(table.status == 0 && table.output.contains("step"))
    for (options, message) in [
      (["run", "--steps", "2"], "train with --split-by time or user"),
      (["popular", "--steps", "2"], "popularity is a baseline"),
      (["masks", "--steps", "2"], "bert4rec fills masks"),
      (["run", "--steps", "2", "--by", "history"], "--by has no meaning with --steps"),
    ] {
      let result = try Program.run(["evaluate"] + options + ["--device", "reference"], in: folder)
      #expect(result.status == 64 && result.errors.contains(message), "\(result.errors)")
    }
  }

  /// On a generated log the best possible figures stand beside those of the run, if the log is what was said.
  @Test func bestStepsStandBesideARun() throws {
    let folder = try TemporaryFolder()
    func run(_ arguments: String...) throws -> Program.Result {
      try Program.run(arguments + ["--quiet"], in: folder.path)
    }
    #expect(
      try run("generate", "shop.inter", "--users", "80", "--items", "40", "--max-events", "20")
        .status == 0)
    let trained = try run(
      "train", "shop.inter", "--run", "run", "--split-by", "user", "--hidden-size", "16",
      "--epochs",
      "1", "--device", "reference")
    #expect(trained.status == 0, "\(trained.errors)")
    let steps = ["evaluate", "run", "--steps", "2", "--device", "reference"]
    func score(_ options: String...) throws -> Program.Result {
      try Program.run(steps + options + ["--quiet"], in: folder.path)
    }
    let table = try score("--shop-items", "40")
    #expect(table.status == 0, "\(table.errors)")
    let lines = table.output.split(separator: "\n")
    #expect(lines.count { $0.contains("  best possible  ") } == 2)
    #expect(lines.count { $0.contains("  best by its own guesses  ") } == 2)
    #expect(lines.contains { $0.hasPrefix("best possible: from 4096 drawn paths of each user") })
    let json = try score("--shop-items", "40", "--format", "json")
    #expect(json.output.contains("\"others\"") && json.output.contains("\"standard_errors\""))
    #expect(try !score("--format", "json").output.contains("\"others\""))
    let first = try run(
      "evaluate", "run", "--steps", "1", "--shop-items", "40", "--device", "reference")
    #expect(first.output.contains("  best possible  ") && !first.output.contains("drawn paths"))
    let other = try score("--shop-items", "40", "--shop-seed", "2")
    #expect(other.status == 65 && other.errors.contains("--items 40 --seed 2"), "\(other.errors)")
    #expect(try run("evaluate", "run", "--shop-items", "40").errors.contains("add --steps"))
    #expect(try score("--shop-seed", "1").errors.contains("add --shop-items"))
  }
}
