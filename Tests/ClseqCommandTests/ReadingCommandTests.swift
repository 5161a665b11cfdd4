import Clseq
import ClseqTestSupport
import Foundation
import Testing

/// Commands tell what they read, and read nothing in place of what is not there.
@Suite struct ReadingCommandTests {
  private let folder: TemporaryFolder

  /// Six users of eight events each, four lines of which are bad, and one user of a single event.
  init() throws {
    folder = try TemporaryFolder()
    var lines = ["user_id,item_id,event,timestamp"]
    for event in 0..<48 {
      let (user, item) = (event % 6, event * 7 % 10)
      lines.append("u\(user),i\(item),\(event % 5 == 0 ? "buy" : "view"),\(1_600_000_000 + event)")
    }
    lines.insert("u1,i1,view,soon", at: 20)
    lines.append("alone,i99,view,1600000100")
    _ = try folder.write(Array((lines.joined(separator: "\n") + "\n").utf8), to: "log.csv")
  }

  private func document(_ text: String) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  @Test(arguments: [
    ["inspect", "log.csv"], ["prepare", "log.csv", "-o", "data"], ["forecast", "log.csv"],
    ["train", "log.csv", "--model", "popularity", "--run", "run"],
    ["plan", "log.csv"],
  ])
  func everyCommandTells(_ arguments: [String]) throws {
    let told = try Program.run(arguments + ["--skip-bad", "1"], in: folder.path)
    let lines = told.errors.split(separator: "\n")
    let line = try #require(lines.first { $0.contains("read log.csv") })
    for part in ["CSV", "user user_id", "item item_id", "time timestamp", "seconds", "50 records"] {
      #expect(line.contains(part))
    }
    #expect(told.errors.contains("left out 1 of 50 records: malformed"))
    #expect(told.errors.contains("log.csv:21"))
    let isForecast = arguments[0] == "forecast"
    #expect(told.errors.contains("1 user, 1 item: users of fewer than 3 events") != isForecast)
    let quiet = try Program.run(
      ["inspect", "log.csv", "--skip-bad", "all", "--quiet", "--format", "json"], in: folder.path)
    #expect(quiet.errors == "")
    let reading = try #require(try document(quiet.output)["reading"] as? [String: Any])
    #expect(reading["format"] as? String == "csv" && reading["records"] as? Int == 50)
    #expect((reading["left_out"] as? [[String: Any]])?.count == 2)
  }

  @Test func passportsKeepTheReading() throws {
    let arguments = ["train", "log.csv", "--model", "popularity", "--skip-bad", "1"]
    for (run, more) in [("a", []), ("b", ["--times-between", "2020-09-01..2020-09-30"])] {
      #expect(
        try Program.run(arguments + ["--run", run] + more, in: folder.path).status == 0)
    }
    let text = try String(contentsOfFile: folder.file("a/passport.json"), encoding: .utf8)
    let passport = try document(text)
    #expect((passport["reading"] as? [String: Any])?["records"] as? Int == 50)
    let compared = try Program.run(["compare", "a", "b"], in: folder.path)
    #expect(compared.status == 65 && compared.errors.contains("times_between is 'all'"))
    let scored = try Program.run(["evaluate", "b", "--format", "json"], in: folder.path)
    #expect(scored.status == 0 && scored.errors.contains("read log.csv"), "\(scored.errors)")
  }

  /// Types of a raw log are told without being asked for.
  @Test func inspectTellsTypes() throws {
    let told = try Program.run(["inspect", "log.csv", "--skip-bad", "1"], in: folder.path)
    #expect(told.output.contains("event type") && told.output.contains("buy"))
    #expect(told.errors.contains("type event"))
  }

  @Test func evaluatesAnotherLogWithBadLines() throws {
    let arguments = ["train", "log.csv", "--model", "popularity", "--skip-bad", "1"]
    #expect(try Program.run(arguments + ["--run", "run"], in: folder.path).status == 0)
    let more = "user_id,item_id,timestamp\nn,i1,1\nn,i2\nn,i3,3\nn,,4\nn,i0,5\n"
    _ = try folder.write(Array(more.utf8), to: "more.csv")
    let scored = try Program.run(
      ["evaluate", "run", "--data", "more.csv", "--skip-bad", "50%", "--missing", "drop"],
      in: folder.path)
    #expect(scored.status == 0, "\(scored.errors)")
    #expect(scored.errors.contains("left out 1 of 5 records: no item_id (more.csv:5)"))
  }

  /// An empty path is that of a variable that is not set, and never the built-in log.
  @Test(arguments: [
    ["train", ""], ["plan", ""], ["inspect", ""], ["forecast", ""], ["prepare", "", "-o", "x"],
    ["tune", "", "--search", "dropout=0.1..0.2", "--trials", "1"],
  ])
  func emptyPath(_ arguments: [String]) throws {
    let ended = try Program.run(arguments, in: folder.path)
    #expect(ended.status == 66 && ended.errors.contains("the path is empty"), "\(ended.errors)")
  }

  @Test func emptyPathsOfTables() throws {
    let ended = try Program.run(
      ["inspect", "log.csv", "--skip-bad", "1", "--users", ""], in: folder.path)
    #expect(ended.status == 64 && ended.errors.contains("--users is empty"))
  }

  @Test func trainsOnStandardInput() throws {
    let command = "train - --model popularity --run piped --skip-bad 1 < log.csv"
    let trained = try #require(
      try Program.runIfInstalled(
        "sh", ["-c", "'\(Program.binary("clseq").path)' \(command)"], in: folder.path))
    #expect(trained.status == 0 && trained.errors.contains("read <stdin>"), "\(trained.errors)")
  }

  @Test func vectorsThatAreNoInput() throws {
    let ended = try Program.run(
      ["train", "log.csv", "--skip-bad", "1", "--item-vectors", "v.npy"], in: folder.path)
    #expect(ended.status == 64 && ended.errors.contains("--inputs items"), "\(ended.errors)")
  }
}
