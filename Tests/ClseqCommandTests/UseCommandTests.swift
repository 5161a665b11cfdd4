import Clseq
import ClseqTestSupport
import Foundation
import Testing

/// `predict`, `recommend` and `explain` of a run trained on a small log, as people run them.
@Suite(.serialized) struct UseCommandTests {
  /// A log with types and titles, and a run trained on it; made once.
  private static let trained = Result {
    let folder = try TemporaryFolder()
    var log = "user_id,item_id,event,timestamp\n"
    for user in 0..<30 {
      for place in 0..<4 + user % 5 {
        let item = (user * 7 + place * 3) % 20
        log += "u\(user),i\(item),\(["view", "buy"][item % 2]),\(1_700_000_000 + place * 3_600)\n"
      }
    }
    _ = try folder.write(Array(log.utf8), to: "log.csv")
    let titles = (0..<20).map { "i\($0),\"Thing, no. \($0)\"\n" }.joined()
    _ = try folder.write(Array(("item_id,title\n" + titles).utf8), to: "items.csv")
    try train("run", [], in: folder)
    try train("types", ["--task", "next-event-type"], in: folder)
    return folder
  }

  private static func train(
    _ run: String, _ options: [String], in folder: TemporaryFolder
  ) throws {
    let sizes = ["--hidden-size", "16", "--max-length", "6", "--epochs", "2", "--batch-size", "8"]
    let result = try Program.run(
      ["train", "log.csv", "--run", run, "--device", "reference", "--quiet"] + sizes + options,
      in: folder.path)
    #expect(result.status == 0, "\(result.errors)")
  }

  private func run(_ arguments: String...) throws -> Program.Result {
    try Program.run(arguments, in: try Self.trained.get().path)
  }

  private func cells(_ text: String) -> [[String]] {
    text.split(separator: "\n").map { $0.split(separator: ",").map(String.init) }
  }

  private func document(_ text: String) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  // MARK: predict

  @Test func predictTellsItemsOfEachUser() throws {
    let result = try run("predict", "run", "log.csv", "--top", "3")
    #expect(result.status == 0, "\(result.errors)")
    let rows = cells(result.output)
    #expect(rows[0] == ["user", "rank", "item", "score"] && rows.count == 1 + 30 * 3)
    #expect(rows[1...3].map { $0[1] } == ["1", "2", "3"] && rows[1][0] == "u0")
    #expect(result.errors.contains("90 lines for 30 users"))

    let folder = try Self.trained.get()
    for (name, format) in [("out.jsonl", "jsonl"), ("out.tsv", "tsv")] {
      let path = folder.file(name)
      try? FileManager.default.removeItem(atPath: path)
      let written = try run("predict", "run", "log.csv", "--top", "3", "--output", name)
      #expect(written.status == 0 && written.output.isEmpty, "\(written.errors)")
      let text = try String(contentsOfFile: path, encoding: .utf8)
      let found = text.split(separator: "\n").compactMap { line -> [String]? in
        guard format == "jsonl" else { return line.split(separator: "\t").map(String.init) }
        guard let value = try? document(String(line)), let score = value["score"] as? Double
        else { return nil }
        return [
          "\(value["user"] ?? "")", "\(value["rank"] ?? "")", "\(value["item"] ?? "")",
          "\(Float(score))",
        ]
      }
      #expect(found == (format == "jsonl" ? Array(rows.dropFirst()) : rows))
      // Nothing that is there is replaced.
      let again = try run("predict", "run", "log.csv", "--output", name)
      #expect(again.status == 73 && again.errors.contains("it exists"))
      #expect(try String(contentsOfFile: path, encoding: .utf8) == text)
    }
    #expect(try folder.names().allSatisfy { !$0.hasSuffix(".partial") })
  }

  @Test func predictLeavesOutWhatItIsTold() throws {
    let folder = try Self.trained.get()
    _ = try folder.write(Array("i1\ni2\ni3\nnowhere\n".utf8), to: "allow.txt")
    _ = try folder.write(Array("i2\r\n".utf8), to: "deny.txt")
    let result = try run(
      "predict", "run", "log.csv", "--allow", "allow.txt", "--deny", "deny.txt", "--seen",
      "allow")
    #expect(result.status == 0, "\(result.errors)")
    let rows = cells(result.output).dropFirst()
    #expect(rows.count == 60 && Set(rows.map { $0[2] }) == ["i1", "i3"])
    #expect(result.errors.contains("'nowhere'"))
    let missing = try run("predict", "run", "log.csv", "--allow", "no.txt")
    #expect(missing.status == 66 && missing.errors.contains("no.txt"))
  }

  @Test func predictTellsWhatItDoesNotKnow() throws {
    let folder = try Self.trained.get()
    let log = "user_id,item_id\nnew,i1\nnew,x9\nnew,i2\nother,x9\n"
    _ = try folder.write(Array(log.utf8), to: "new.csv")
    let result = try run("predict", "run", "new.csv", "--top", "2")
    #expect(result.status == 0, "\(result.errors)")
    #expect(cells(result.output).count == 3 && result.output.contains("new,1,"))
    #expect(result.errors.contains("2 events of 1 item that training did not know ('x9')"))
    #expect(result.errors.contains("1 user of unknown items only"))
    let quiet = try run("predict", "run", "new.csv", "--top", "2", "--quiet")
    #expect(quiet.output == result.output && quiet.errors.isEmpty)
  }

  @Test func predictTellsClasses() throws {
    let result = try run("predict", "types", "log.csv", "--output-format", "jsonl")
    #expect(result.status == 0, "\(result.errors)")
    let lines = result.output.split(separator: "\n")
    #expect(lines.count == 30)
    for line in lines {
      let value = try document(String(line))
      let probabilities = try #require(value["probability"] as? [String: Double])
      #expect(Set(probabilities.keys) == ["view", "buy"])
      let likeliest = probabilities.max { $0.value < $1.value }?.key
      #expect(value["class"] as? String == likeliest)
    }
    let log = "user_id,item_id,event,timestamp\nnew,i1,gift,1700000000\nnew,i2,view,1700000060\n"
    _ = try Self.trained.get().write(Array(log.utf8), to: "gift.csv")
    let gift = try run("predict", "types", "gift.csv")
    #expect(gift.status == 0 && gift.errors.contains("('gift'): taken for missing"))
    let header = cells(try run("predict", "types", "log.csv").output)[0]
    #expect(Set(header) == ["user", "target", "class", "probability.view", "probability.buy"])
  }

  /// `-` and the names that Linux has for it are standard output, and a device is written as it is.
  @Test(arguments: ["-", "/dev/stdout"])
  func predictWritesToStandardOutput(_ name: String) throws {
    let plain = try run("predict", "run", "log.csv", "--top", "1")
    let named = try run("predict", "run", "log.csv", "--top", "1", "--output", name)
    #expect(named.status == 0 && named.output == plain.output, "\(named.errors)")
    let away = try run("predict", "run", "log.csv", "--top", "1", "--output", "/dev/null")
    #expect(away.status == 0 && away.output.isEmpty, "\(away.errors)")
    #expect(try !Self.trained.get().names().contains("-"))
  }

  @Test func anEmptyListOfDeniedItemsDeniesNone() throws {
    _ = try Self.trained.get().write([], to: "none.txt")
    let plain = try run("predict", "run", "log.csv", "--top", "2")
    let denied = try run("predict", "run", "log.csv", "--top", "2", "--deny", "none.txt")
    #expect(denied.status == 0 && denied.output == plain.output, "\(denied.errors)")
    let allowed = try run("predict", "run", "log.csv", "--allow", "none.txt")
    #expect(allowed.status == 65 && allowed.errors.contains("names no item"))
  }

  /// A model that takes types says nothing of a log without them, unless it is told to.
  @Test func aMissingColumnIsToldOrAllowed() throws {
    let log = "user_id,item_id,timestamp\nu1,i1,1700000000\nu1,i2,1700000060\n"
    _ = try Self.trained.get().write(Array(log.utf8), to: "untyped.csv")
    for command in [
      ["predict", "types", "untyped.csv"], ["explain", "types", "untyped.csv", "--user", "u1"],
    ] {
      let folder = try Self.trained.get().path
      let refused = try Program.run(command, in: folder)
      #expect(refused.status == 65 && refused.output.isEmpty)
      #expect(refused.errors.contains("the model takes event types"), "\(refused.errors)")
      let allowed = try Program.run(command + ["--allow-missing-columns"], in: folder)
      #expect(allowed.status == 0 && allowed.errors.contains("no event types"))
    }
  }

  /// A moment cuts the log, and stands in every record.
  @Test func aMomentCutsTheLog() throws {
    let result = try run(
      "predict", "run", "log.csv", "--top", "1", "--moment", "2023-11-15T01:13:20Z")
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.errors.contains("from 2023-11-15T01:13:20Z on"))
    let rows = cells(result.output)
    #expect(rows[0] == ["user", "moment", "rank", "item", "score"])
    #expect(rows.dropFirst().allSatisfy { $0[1] == "2023-11-15T01:13:20Z" })
    let bad = try run("predict", "run", "log.csv", "--moment", "2023-02-30")
    #expect(bad.status == 64, "\(bad.errors)")
  }

  @Test(arguments: [
    (["predict", "run", "nowhere.csv"], 66, "nowhere.csv"),
    (["predict", "nowhere", "log.csv"], 66, "no run at nowhere"),
    (["predict", "run", "bad.csv"], 65, "bad.csv"),
    (["predict", "run", "strange.csv"], 65, "of an item that the model knows"),
    (["predict", "run", "log.csv", "--top", "0"], 64, "--top is 0"),
    (["predict", "run", "log.csv", "--output", "no/where.csv"], 73, "no/where.csv"),
    (["recommend", "types", "--history", "i1"], 64, "clseq predict"),
    (["recommend", "run", "--history", "i1", "--types", "view"], 64, "event types"),
    (["explain", "run", "--user", "nobody"], 65, "\"nobody\""),
    (["explain", "run", "--user", "u1", "--events", "0"], 64, "--events is 0"),
  ])
  func badInputIsTold(arguments: [String], status: Int32, message: String) throws {
    let folder = try Self.trained.get()
    _ = try folder.write(Array("user_id,item_id\nu,i1\nu\n".utf8), to: "bad.csv")
    _ = try folder.write(Array("user_id,item_id\nu,x\n".utf8), to: "strange.csv")
    let result = try Program.run(arguments, in: folder.path)
    #expect(result.status == status, "\(arguments): \(result.errors)")
    #expect(result.errors.contains(message) && result.output.isEmpty, "\(result.errors)")
  }

  // MARK: recommend

  @Test func recommendShowsTitles() throws {
    let arguments = ["recommend", "run", "--history", "i1, i2,x3", "--top", "4"]
    let table = try Program.run(
      arguments + ["--items", "items.csv"], in: try Self.trained.get().path)
    #expect(table.status == 0, "\(table.errors)")
    #expect(table.output.contains("title") && table.output.contains("Thing, no. "))
    #expect(table.errors.contains("item 'x3' is not known to the model"))
    let result = try Program.run(
      arguments + ["--format", "json"], in: try Self.trained.get().path)
    let value = try document(result.output)
    let items = try #require(value["items"] as? [[String: Any]])
    #expect(items.count == 4 && items.compactMap { $0["rank"] as? Int } == [1, 2, 3, 4])
    #expect(value["basis"] as? String == "model" && value["unknown"] as? [String] == ["x3"])
    #expect(!items.contains { ["i1", "i2"].contains($0["item"] as? String) })
    // The same as of a log that holds the history.
    _ = try Self.trained.get().write(Array("u i1\nu i2\n".utf8), to: "history.txt")
    let predicted = try run(
      "predict", "run", "history.txt", "--data-format", "events", "--top", "4")
    #expect(
      cells(predicted.output).dropFirst().map { $0[2] }
        == items.compactMap { $0["item"] as? String }
    )
  }

  @Test func anEmptyHistoryGetsWhatIsPopular() throws {
    for history in [[], ["--history", "x1,x2"]] {
      let result = try Program.run(
        ["recommend", "run", "--top", "3", "--deny", "i0"] + history,
        in: try Self.trained.get().path)
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.errors.contains("number of their training events"))
      let lines = result.output.split(separator: "\n").dropFirst(2).map {
        $0.split(separator: " ").map(String.init)
      }
      let counts = lines.compactMap { Int($0[2]) }
      #expect(lines.count == 3 && counts == counts.sorted(by: >) && counts[2] > 0)
    }
  }

  // MARK: explain

  @Test func explainShowsAndDraws() throws {
    let folder = try Self.trained.get()
    try? FileManager.default.removeItem(atPath: folder.file("why.svg"))
    let table = try run("explain", "run", "--user", "u8", "--plot", "why.svg", "--top", "2")
    #expect(table.status == 0, "\(table.errors)")
    for word in ["user u8", "rank", "attention", "change", "score of i"] {
      #expect(table.output.contains(word), "\(word)")
    }
    let svg = try String(contentsOfFile: folder.file("why.svg"), encoding: .utf8)
    // The ground, and a bar or two for each event.
    #expect(svg.hasPrefix("<svg ") && svg.components(separatedBy: "<rect ").count > 9)
    let again = try run("explain", "run", "--user", "u8", "--plot", "why.svg")
    #expect(again.status == 73)

    let result = try run("explain", "types", "log.csv", "--user", "u8", "--format", "json")
    #expect(result.status == 0, "\(result.errors)")
    let value = try self.document(result.output)
    let events = try #require(value["events"] as? [[String: Any]])
    #expect(events.count == 7 && value["history"] as? Int == 7)
    #expect(events.allSatisfy { $0["change_without"] is Double && $0["type"] is String })
    #expect((value["explained"] as? String)?.hasPrefix("probability of ") == true)
    let weights = events.compactMap { $0["attention"] as? Double }
    // The model sees six.
    #expect(weights.count == 6 && abs(weights.reduce(0, +) - 1) < Tolerance.sums)
  }
}
