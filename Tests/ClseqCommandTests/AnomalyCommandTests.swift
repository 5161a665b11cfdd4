import ClseqTestSupport
import Foundation
import Testing

/// Unusual sequences, as people ask for them.
@Suite(.serialized) struct AnomalyCommandTests {
  /// A run on a shop without anomalies, a log of the same shop with some, and runs that give no likelihood.
  private static let folder = Result {
    let folder = try TemporaryFolder()
    let shop = [
      "--users", "300", "--items", "200", "--min-events", "20", "--max-events", "40", "--seed", "5",
    ]
    let model = [
      "--device", "cpu", "--hidden-size", "16", "--layers", "1", "--heads", "1", "--max-length",
      "40", "--epochs", "3", "--quiet",
    ]
    for call in [
      ["generate", "clean.inter", "--days", "366"] + shop,
      ["generate", "odd.inter", "--anomalies", "0.3", "--labels", "odd.user"] + shop,
      ["train", "clean.inter", "--run", "base"] + model,
      ["train", "clean.inter", "--run", "masked", "--model", "bert4rec"] + model,
      ["train", "clean.inter", "--run", "counts", "--model", "popularity", "--quiet"],
      ["train", "clean.inter", "--run", "types", "--task", "next-event-type"] + model,
    ] {
      let result = try Program.run(call, in: folder.path)
      try #require(result.status == 0, "\(call): \(result.errors)")
    }
    return folder
  }

  private struct Document: Decodable {
    struct Entry: Decodable {
      struct Event: Decodable {
        let number: Int
        let item: String
        let surprise: Double
      }
      let id: String
      let score: Double
      let patterns: [String]
      let unusual: [Event]
    }
    struct Check: Decodable {
      struct Kind: Decodable {
        let kind: String
        let sequences: Int
        let auc: Double?
        let aucShuffled: Double?
        let patterns: [String: Double]

        private enum CodingKeys: String, CodingKey {
          case kind, sequences, patterns
          case auc = "AUC"
          case aucShuffled = "AUC_in_random_order"
        }
      }
      let kinds: [Kind]
    }
    let measure: String
    let threshold: Double
    let sequences: Int
    let flagged: Int
    let mostUnusual: [Entry]
    let check: Check?

    private enum CodingKeys: String, CodingKey {
      case measure, threshold, sequences, flagged, check
      case mostUnusual = "most_unusual"
    }
  }

  private func run(_ words: [String]) throws -> Program.Result {
    try Program.run(["anomaly"] + words + ["--device", "cpu"], in: Self.folder.get().path)
  }

  private func document(_ words: String...) throws -> Document {
    let result = try run(words + ["--format", "json", "--quiet"])
    try #require(result.status == 0, "\(result.errors)")
    return try JSONDecoder().decode(Document.self, from: Data(result.output.utf8))
  }

  /// Bots by their score and their patterns; repeaters, whose events are easy to foresee, by their pattern.
  @Test func botsAndRepeatersAreFoundAndNamed() throws {
    let found = try document("base", "odd.inter", "--labels", "odd.user", "--top", "5")
    let kinds = try #require(found.check).kinds
    #expect(kinds.map(\.kind) == ["all", "bot", "repeater", "takeover", "ordinary"])
    let figures = Dictionary(uniqueKeysWithValues: kinds.map { ($0.kind, $0) })
    let (bots, repeaters) = (try #require(figures["bot"]), try #require(figures["repeater"]))
    #expect(try #require(bots.auc) > 0.9 && bots.patterns["fast"] == 1)
    #expect(try #require(bots.patterns["regular"]) > 0.9)
    #expect(try #require(repeaters.patterns["repeats"]) > 0.8)
    let ordinary = try #require(figures["ordinary"])
    #expect(ordinary.patterns.values.allSatisfy { $0 < 0.1 } && ordinary.auc == nil)
    #expect(found.mostUnusual.count == 5 && found.measure == "likelihood")
    let scores = found.mostUnusual.map(\.score)
    #expect(scores == scores.sorted(by: >))
    #expect(scores.count { $0 > found.threshold } == min(5, found.flagged))
    for entry in found.mostUnusual {
      #expect(entry.unusual.count == 3)
      #expect(entry.unusual.map(\.surprise) == entry.unusual.map(\.surprise).sorted(by: >))
    }
  }

  @Test func everySequenceIsWritten() throws {
    let folder = try Self.folder.get()
    func lines(_ name: String, _ words: String...) throws -> [[String]] {
      let result = try run(["base", "odd.inter", "-o", name, "--quiet"] + words)
      try #require(result.status == 0, "\(result.errors)")
      return try String(contentsOfFile: folder.file(name), encoding: .utf8)
        .split(separator: "\n").map {
          $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        }
    }
    let users = try lines("users.csv", "--events", "1")
    #expect(
      users[0] == [
        "user", "score", "flagged", "events", "unknown_events", "pattern", "repeated_items",
        "repeated_transitions", "cyclic", "median_gap", "gap_variation", "from", "to", "event_1",
        "event_1.item", "event_1.time", "event_1.surprise",
      ])
    #expect(users.count > 250 && users.allSatisfy { $0.count == 17 })
    let windows = try lines("windows.csv", "--of", "windows", "--window", "10", "--events", "0")
    #expect(windows[0].prefix(4) == ["user", "first", "last", "score"])
    #expect(windows[1].prefix(3) == [users[1][0], "1", "10"] && windows[0].count == 15)
    let far = try lines("far.csv", "--score", "distance")
    #expect(far[0].count == 11 && far.count == users.count)
    let text = try run(["base", "odd.inter", "--top", "2", "--quiet"]).output
    #expect(text.hasPrefix("\(users.count - 1) sequences of users, "))
    #expect(text.contains("least likely"))
    #expect(try run(["base", "odd.inter", "-o", "far.csv"]).status == 73)
  }

  /// Runs without likelihoods have distances.
  @Test(arguments: ["masked", "types"])
  func otherRunsGiveDistances(_ name: String) throws {
    #expect(try document(name, "odd.inter").measure == "distance")
  }

  @Test(
    arguments: [
      (["base", "--of", "windows"], 64, "--window 20"),
      (["base", "--window", "3"], 64, "--of windows"),
      (["base", "--of", "windows", "--window", "41"], 64, "the model sees 40"),
      (["base", "short.inter", "--of", "windows", "--window", "9"], 65, "shorter windows"),
      (["base", "--of", "sessions"], 65, "--session-gap 30m"),
      (["base", "--quantile", "1.5"], 64, "from 0.5 to 1"),
      (["base", "--quantile", "nan"], 64, "from 0.5 to 1"),
      (["base", "--top=-1"], 64, "at least 0"),
      (["base", "--span", "3"], 64, "--aggregate max or change"),
      (["base", "--aggregate", "change", "--span", "7"], 64, "at least 8"),
      (["base", "--vector", "mean"], 64, "--vector is not of --score likelihood"),
      (["base", "--score", "distance", "--aggregate", "max"], 64, "--aggregate is not of"),
      (["base", "--kind-column", "x"], 64, "--labels FILE"), (["base", "-o", "-"], 64, "--output"),
      (["counts"], 64, "is the baseline popularity"),
      (["masked", "--score", "likelihood"], 64, "--score distance"),
      (["types", "--score", "likelihood"], 64, "was not trained to rank"),
      (["base", "--labels", "none.user"], 66, "none.user"),
      (["base", "--labels", "odd.user", "--kind-column", "colour"], 65, "a column of labels"),
      (["base", "short.inter", "--labels", "odd.user"], 65, "no label is of a sequence"),
      (["base", "none.inter", "-o", "x.csv"], 66, "none.inter"),
    ])
  func whatCannotBeIsRefused(_ words: [String], _ status: Int32, _ part: String) throws {
    let folder = try Self.folder.get()
    let log = "user_id:token\titem_id:token\ttimestamp:float\n"
    let rows = (0..<5).map { "z\titem\($0)\t\(1_700_000_000 + $0)\n" }
    let known = "z\ti1\t1700000100\n"
    if !FileManager.default.fileExists(atPath: folder.file("short.inter")) {
      _ = try folder.write((log + rows.joined() + known).utf8, to: "short.inter")
    }
    let result = try run(words)
    #expect(result.status == status && result.errors.contains(part), "\(result.errors)")
    #expect(!FileManager.default.fileExists(atPath: folder.file("x.csv")))
  }
}
