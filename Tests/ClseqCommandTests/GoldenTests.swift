import ClseqTestSupport
import Foundation
import Testing

/// Interfaces that other programs and people rely on, beside what they were: help, manual, and the keys and
/// types of every JSON document. `UPDATE_GOLDENS=1 Scripts/test --filter GoldenTests` writes them anew;
/// what changes then is seen in the change.
@Suite(.serialized) struct GoldenTests {
  private static let isUpdating = ProcessInfo.processInfo.environment["UPDATE_GOLDENS"] != nil

  private func expectGolden(_ text: String, _ name: String) throws {
    let path = Fixture.path(name)
    if Self.isUpdating {
      try FileManager.default.createDirectory(
        at: URL(fileURLWithPath: path).deletingLastPathComponent(),
        withIntermediateDirectories: true)
      try Data(text.utf8).write(to: URL(fileURLWithPath: path))
      return
    }
    let golden = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    let differences = text.split(separator: "\n").difference(
      from: golden.split(separator: "\n"))
    let lines = differences.map { change in
      switch change {
      case .insert(_, let line, _): "+ \(line)"
      case .remove(_, let line, _): "- \(line)"
      }
    }
    #expect(
      lines.isEmpty, "\(name), UPDATE_GOLDENS=1 writes it anew:\n\(lines.joined(separator: "\n"))")
  }

  // MARK: Help and manual

  private struct Description: Decodable {
    let commandName: String
    let subcommands: [Description]?

    /// The commands, each by the words that call it.
    func calls(below words: [String]) -> [[String]] {
      [words] + (subcommands ?? []).flatMap { $0.calls(below: words + [$0.commandName]) }
    }
  }

  @Test func helpIsWhatItWas() throws {
    struct Document: Decodable { let command: Description }
    let dump = try Program.run(["--experimental-dump-help"]).output
    let root = try JSONDecoder().decode(Document.self, from: Data(dump.utf8)).command
    for words in root.calls(below: []) where words.last != "help" {
      let help = try Program.run(words + ["--help"], environment: ["COLUMNS": "100"])
      #expect(help.status == 0)
      try expectGolden(help.output, "help/\((["clseq"] + words).joined(separator: "-")).txt")
    }
  }

  @Test func manualIsWhatItWas() throws {
    let manual = try Program.run(["man"], environment: ["SOURCE_DATE_EPOCH": "0"]).output
    // The version and the defaults by the machine are no part of the interface.
    try expectGolden(manual, "help/clseq.1")
  }

  // MARK: JSON documents

  /// Objects whose keys are data: names of figures, of settings, of attributes.
  private static let maps: Set<String> = [
    "validation", "test", "scores", "intervals", "values", "training", "constant", "seconds",
  ]

  /// `rows[].metric string`, a line for every value that there is, in ascending order.
  private static func schema(of documents: [Any]) -> String {
    var lines: Set<String> = []
    for document in documents { collect(document, at: "", isMap: false, into: &lines) }
    return lines.sorted().map { $0 + "\n" }.joined()
  }

  private static func collect(
    _ value: Any, at path: String, isMap: Bool, into lines: inout Set<String>
  ) {
    switch value {
    case let object as [String: Any]:
      for (key, value) in object {
        let name = isMap ? "*" : key
        collect(
          value, at: path.isEmpty ? name : "\(path).\(name)", isMap: maps.contains(key) && !isMap,
          into: &lines)
      }
      if object.isEmpty { lines.insert("\(path) object") }
    case let array as [Any]:
      for value in array { collect(value, at: path + "[]", isMap: false, into: &lines) }
      if array.isEmpty { lines.insert("\(path)[]") }
    case is NSNull: lines.insert("\(path) null")
    case is String: lines.insert("\(path) string")
    case let number as NSNumber:
      // Foundation reads both into one class; a boolean's is a character.
      let isBoolean = String(cString: number.objCType) == "c"
      lines.insert("\(path) \(isBoolean ? "boolean" : "number")")
    default: lines.insert("\(path) unknown")
    }
  }

  private static let model = [
    "--device", "cpu", "--hidden-size", "8", "--heads", "1", "--layers", "1", "--max-length", "10",
    "--epochs", "1",
  ]

  /// Every command that prints a document, by the name of its schema.
  private static let calls: [(name: String, words: [String])] = [
    ("train", ["train", "log.csv", "--run", "r"] + model),
    ("train", ["train", "log.csv", "--run", "s", "--seed", "2"] + model),
    ("train", ["train", "log.csv", "--run", "c", "--task", "next-event-type"] + model),
    ("train", ["train", "log.csv", "--run", "p", "--model", "popularity"]),
    (
      "train",
      ["finetune", "r", "log.csv", "--run", "l", "--task", "next-event-type", "--lora-rank", "2"]
        + ["--inputs", "none", "--epochs", "1", "--device", "cpu"]
    ),
    ("train", ["finetune", "r", "log.csv", "--run", "k", "--keep-ratio", "0.6", "--epochs", "1"]),
    ("finetune-merge", ["finetune", "--merge", "l", "--run", "m"]),
    ("train-seeds", ["train", "log.csv", "--run", "seeds", "--seeds", "1,2"] + model),
    (
      "tune",
      [
        "tune", "log.csv", "--run", "t", "--search", "heads=1|3", "--trials", "6",
      ] + model
    ),
    ("plan", ["plan", "log.csv", "--steps", "1"] + model),
    ("evaluate", ["evaluate", "r", "--by", "history"]), ("evaluate", ["evaluate", "c"]),
    ("evaluate", ["evaluate", "p"]),
    ("compare", ["compare", "r", "s"]), ("report", ["report", "r"]), ("runs", ["runs", "."]),
    ("recommend", ["recommend", "r", "--history", "i1,i2"]),
    ("explain", ["explain", "r", "log.csv", "--user", "u1", "--seen", "allow"]),
    ("anomaly", ["anomaly", "r", "log.csv"]),
    ("anomaly", ["anomaly", "r", "log.csv", "--score", "distance", "--labels", "kinds.csv"]),
    (
      "train",
      [
        "train", "log.csv", "--run", "v", "--task", "reconstruct", "--model", "vae", "--epochs",
        "1", "--code-size", "4", "--type-column", "event_type", "--event-features", "price",
      ]
    ),
    ("evaluate", ["evaluate", "v"]), ("sample", ["sample", "v", "--count", "2"]),
    ("sample", ["sample", "v", "log.csv", "--between", "u1,u2"]),
    ("prepare", ["prepare", "log.csv", "-o", "ds", "--type-column", "event_type"]),
    ("inspect", ["inspect", "log.csv", "--type-column", "event_type"]),
    ("inspect", ["inspect", "ds"]),
    ("forecast", ["forecast", "days.inter"]),
    ("forecast", ["forecast", "days.inter", "--model", "state-space"]),
    ("forecast", ["forecast", "days.inter", "--model", "lstm", "--device", "reference"]),
    ("forecast-backtest", ["forecast", "days.inter", "--backtest", "2"]), ("devices", ["devices"]),
    ("doctor", ["doctor"]),
    ("config-show", ["config", "show", "--run", "r"]), ("config-show", ["config", "show"]),
    ("config-template", ["config", "template"]),
    ("bench-matmul", ["bench", "matmul", "nt:8x8x8"]),
    (
      "bench-step",
      ["bench", "step", "log.csv", "--steps", "1", "--warmup", "0"] + model.dropLast(2)
    ),
    ("bench-read", ["bench", "read", "log.csv"]),
    (
      "bench-attention",
      ["bench", "attention", "log.csv", "--steps", "1", "--head-width", "8"]
    ),
    (
      "bench-recurrent",
      ["bench", "recurrent", "log.csv", "--steps", "1", "--inputs", "8", "--width", "8"]
    ),
  ]

  /// Every document that commands write, by the name of its schema.
  private static let files: [(name: String, paths: [String])] = [
    ("passport", ["r/passport.json", "c/passport.json", "p/passport.json", "l/passport.json"]),
    ("task", ["r/task.json", "c/task.json"]),
    ("summary", ["r/summary.json", "c/summary.json", "p/summary.json"]),
    ("metrics", ["r/metrics.jsonl", "c/metrics.jsonl"]),
    ("state", ["r/best/state.json", "c/best/state.json"]), ("dataset", ["ds/dataset.json"]),
  ]

  @Test func documentsHaveTheKeysTheyHad() throws {
    let folder = try TemporaryFolder()
    var log = "user_id,item_id,event_type,price,timestamp\n"
    for row in 0..<300 {
      log +=
        "u\(row % 25),i\(row * 7 % 11),\(row % 3 == 0 ? "buy" : "view"),\(row % 5),"
        + "\(1_600_000_000 + 3600 * row)\n"
    }
    _ = try folder.write(Array(log.utf8), to: "log.csv")
    let kinds = (0..<25).map { "u\($0),\($0 % 4 == 0 ? "odd" : "none")\n" }.joined()
    _ = try folder.write(Array(("user_id,kind\n" + kinds).utf8), to: "kinds.csv")
    let generated = try Program.run(
      GenerateCommandTests.small + ["--days", "60", "--max-events", "10", "days.inter"],
      in: folder.path)
    #expect(generated.status == 0)
    var documents: [String: [Any]] = [:]
    for (name, words) in Self.calls {
      let result = try Program.run(words + ["--format", "json"], in: folder.path)
      try #require(result.status == 0, "\(words): \(result.errors)")
      let document = try JSONSerialization.jsonObject(
        with: Data(result.output.utf8), options: .fragmentsAllowed)
      documents[name, default: []].append(document)
    }
    for (name, paths) in Self.files {
      for path in paths {
        let text = try String(contentsOfFile: folder.file(path), encoding: .utf8)
        let texts = path.hasSuffix("jsonl") ? text.split(separator: "\n").map(String.init) : [text]
        documents["file-\(name)", default: []] += try texts.map {
          try JSONSerialization.jsonObject(with: Data($0.utf8))
        }
      }
    }
    for (name, documents) in documents {
      try expectGolden(Self.schema(of: documents), "schemas/\(name).txt")
    }
  }
}
