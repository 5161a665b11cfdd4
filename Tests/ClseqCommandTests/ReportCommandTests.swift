import Clseq
import ClseqTestSupport
import Foundation
import Testing

/// `report` on small runs, as people run it.
@Suite struct ReportCommandTests {
  private static let sizes = [
    "--hidden-size", "16", "--max-length", "8", "--batch-size", "16", "--device", "reference",
  ]
  /// A name that is none in HTML.
  private static let name = "a <b> & \"c\""

  /// A folder with a log and a run on it. Returns what `train` told.
  private func trained(
    as name: String = "run", _ more: [String] = ["--epochs", "2"]
  ) throws -> (folder: TemporaryFolder, summary: [String: Any]) {
    let folder = try TemporaryFolder()
    let log = GenerateCommandTests.small + ["--typed", "log.inter"]
    #expect(try Program.run(log, in: folder.path).status == 0)
    let result = try Program.run(
      ["train", "log.inter", "--run", name, "--quiet", "--format", "json"] + Self.sizes + more,
      in: folder.path)
    #expect(result.status == 0, "\(result.errors)")
    return (folder, try document(result.output))
  }

  private func document(_ text: String) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  private func page(
    of run: String = "run", _ more: [String] = [], in folder: TemporaryFolder
  ) throws -> String {
    let result = try Program.run(["report", run] + more, in: folder.path)
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.output == "report  \(run)/report.html\n")
    return try String(contentsOfFile: folder.file("\(run)/report.html"), encoding: .utf8)
  }

  /// The titles of the sections.
  private func sections(_ page: String) -> [String] {
    page.matches(of: /<h2>(.*?)<\/h2>/).map { String($0.1) }
  }

  /// The cells of the first row of a name.
  private func cells(_ name: String, in page: String) throws -> [String] {
    let start = try #require(page.range(of: "<th scope=\"row\">\(name)</th>")?.upperBound)
    return page[start...].prefix { $0 != "\n" }.matches(of: /<td>(.*?)<\/td>/)
      .map { String($0.1) }
  }

  private func fixed(_ value: Any?) throws -> String {
    String(format: "%.4f", try #require(value as? Double))
  }

  private static let all = [
    "Key figures", "Training", "Scores and baselines", "Groups", "Protocol", "Settings",
  ]

  // MARK: - What stands in it

  @Test func aPageTellsWhatTrainingAndEvaluationTell() throws {
    let (folder, summary) = try trained(as: Self.name)
    let page = try page(of: Self.name, in: folder)
    #expect(sections(page) == Self.all)
    #expect(page.contains("<h1>a &lt;b&gt; &amp; &quot;c&quot;</h1>") && !page.contains("<b>"))
    for foreign in ["<script", "http:", "https:", " src=", "url(", "@import", "<link"] {
      #expect(!page.contains(foreign), "\(foreign)")
    }

    let evaluated = try document(
      try Program.run(
        ["evaluate", Self.name, "--by", "history", "--format", "json"], in: folder.path
      ).output)
    let parts = try ["validation", "test"].map {
      try #require(summary[$0] as? [String: Double])
    }
    let intervals = try #require(evaluated["intervals"] as? [String: [Double]])
    for name in RankingMetrics(ranks: []).names {
      let cells = try cells(name, in: page)
      let bounds = try #require(intervals[name])
      #expect(
        cells.prefix(2) == [try fixed(parts[0][name]), try fixed(parts[1][name])])
      #expect(cells.count == 4)
      #expect(cells.last == "\(try fixed(bounds[0])) to \(try fixed(bounds[1]))")
    }
    let groups = try #require(evaluated["groups"] as? [[String: Any]])
    #expect(groups.count > 1)
    for group in groups {
      let name = try #require(group["group"] as? String).replacing("<", with: "&lt;")
      let bounds = try #require(group["interval"] as? [Double])
      #expect(
        try cells(name, in: page) == [
          "\(try #require(group["users"] as? Int))", try fixed(group["value"]),
          "\(try fixed(bounds[0])) to \(try fixed(bounds[1]))",
        ])
    }
    #expect(page.contains("\nhidden_size: 16\n") && page.contains(">best: "))
    for plot in ["loss", "validation-0", "rate", "speed", "scores", "groups-0", "groups-1"] {
      #expect(page.contains("<title id=\"\(plot)-title\">"), "\(plot)")
    }
  }

  @Test func thePopularOnesAreThoseOfTheBaseline() throws {
    let (folder, _) = try trained()
    for part in ["test", "validation"] {
      let page = try page(["--part", part], in: folder)
      let name = "popular-\(part)"
      let popular = try Program.run(
        ["train", "log.inter", "--model", "popularity", "--run", name, "--format", "json"],
        in: folder.path)
      let scores = try #require(try document(popular.output)[part] as? [String: Double])
      let popularity = try cells("NDCG@10", in: page).dropLast().last
      #expect(try popularity == fixed(scores["NDCG@10"]))
      let own = try self.page(of: name, ["--part", part], in: folder)
      #expect(sections(own) == Self.all && own.contains("A baseline is fitted by counting"))
      #expect(try cells("HR@20", in: own).first == fixed(scores["HR@20"]))
      #expect(!own.contains("best epoch"))
    }
  }

  @Test func aTaskWithoutItemsStandsBesideTheConstant() throws {
    let (folder, summary) = try trained([
      "--task", "click", "--target", "type=purchase", "--epochs", "1", "--heads", "2",
    ])
    let page = try page(in: folder)
    var sections = Self.all
    sections.insert("Yes or no", at: 3)
    #expect(self.sections(page) == sections)
    let test = try #require(summary["test"] as? [String: Double])
    #expect(try cells("AUC", in: page).dropFirst().prefix(1) == [fixed(test["AUC"])])
    #expect(try cells("AUC", in: page).dropLast().contains("0.5000"))
    #expect(try #require(cells("AUC", in: page).last).contains(" to "))
    #expect(page.contains("<th scope=\"col\">constant</th>") && page.contains(">best: 1<"))
  }

  // MARK: - What is lacking

  @Test func withoutItsLogAPageSaysWhatIsLacking() throws {
    let (folder, summary) = try trained()
    try FileManager.default.removeItem(atPath: folder.file("log.inter"))
    let other = GenerateCommandTests.small + ["--seed", "9", "log.inter"]
    for (reason, make) in [("no such file", []), ("the log has changed", other)] {
      if !make.isEmpty { #expect(try Program.run(make, in: folder.path).status == 0) }
      let result = try Program.run(["report", "run", "--format", "json"], in: folder.path)
      #expect(result.status == 0 && result.errors.contains(reason), "\(result.errors)")
      let lacking = try #require(try document(result.output)["lacking"] as? String)
      #expect(lacking.contains(reason))
      let page = try String(contentsOfFile: folder.file("run/report.html"), encoding: .utf8)
      #expect(sections(page) == Self.all)
      #expect(
        page.ranges(of: "Missing, because the best checkpoint could not be scored").count == 2)
      #expect(page.contains(reason) && page.contains("<title id=\"loss-title\">"))
      let validation = try #require(summary["validation"] as? [String: Double])
      #expect(try cells("NDCG@10", in: page) == [fixed(validation["NDCG@10"])])
    }
  }

  @Test func aDeviceThatWasAskedForIsNeeded() throws {
    let (folder, _) = try trained(["--epochs", "1"])
    let result = try Program.run(["report", "run", "--device", "abacus"], in: folder.path)
    #expect(result.status == 69 && result.errors.contains("'abacus'"), "\(result.errors)")
  }

  @Test func aDamagedCheckpointIsAnError() throws {
    let (folder, _) = try trained()
    let model = URL(fileURLWithPath: folder.file("run/best/model.safetensors"))
    var bytes = try Data(contentsOf: model)
    bytes[bytes.count - 1] ^= 1
    try bytes.write(to: model)
    let result = try Program.run(["report", "run"], in: folder.path)
    #expect(result.status == 65 && result.errors.contains("damaged"), "\(result.errors)")
    #expect(
      try !FileManager.default.contentsOfDirectory(atPath: folder.file("run")).contains(
        "report.html"))
  }

  /// A run that is shipped needs neither the optimizer's file nor older checkpoints.
  @Test func aRunIsUsedByItsBestParametersAlone() throws {
    let (folder, _) = try trained()
    let uses = [
      ["evaluate", "run", "--format", "json"], ["predict", "run", "log.inter", "--top", "3"],
      ["recommend", "run", "--history", "1"],
    ]
    func results() throws -> [Program.Result] {
      try uses.map { try Program.run($0, in: folder.path) }
    }
    let before = try results()
    #expect(before[0].status == 0 && before[1].status == 0, "\(before.map(\.errors))")
    for name in ["optimizer.safetensors", "state.json"] {
      try FileManager.default.removeItem(atPath: folder.file("run/best/\(name)"))
    }
    let after = try results()
    #expect(after.map(\.status) == before.map(\.status), "\(after.map(\.errors))")
    #expect(after.map(\.output) == before.map(\.output))
  }

  @Test func numbersThatAreNoneAreGaps() throws {
    let (folder, _) = try trained()
    let path = folder.file("run/metrics.jsonl")
    let text = try String(contentsOfFile: path, encoding: .utf8)
    let lines = text.split(separator: "\n").map(String.init)
    let broken = lines[0]
      .replacing(/"loss":[^,]*/, with: "\"loss\":\"NaN\"")
      .replacing(/"HR@10":[^,]*/, with: "\"HR@10\":\"-Infinity\"")
      .replacing(/"events_per_second":[^,]*/, with: "\"events_per_second\":\"Infinity\"")
    try ([broken] + lines.dropFirst()).joined(separator: "\n").appending("\n{\"epoch\":")
      .write(toFile: path, atomically: true, encoding: .utf8)
    let page = try page(in: folder)
    #expect(page.contains("The loss of 1 epoch is not a finite number"))
    for path in page.matches(of: /\ d="([^"]*)"/).map(\.1) {
      #expect(path.allSatisfy { "MLHv-.0123456789 ".contains($0) }, "\(path)")
    }
    #expect(page.contains("loss: ") && page.contains(" of 2</strong>"))
  }

  // MARK: - Where it is written

  @Test func onlyTheRunsOwnPageIsReplaced() throws {
    let (folder, _) = try trained(["--epochs", "1"])
    let first = try page(in: folder)
    #expect(try page(in: folder) == first)
    let output = ["report", "run", "--output", "page.html"]
    let made = try Program.run(output, in: folder.path)
    #expect(made.status == 0 && made.output == "report  page.html\n")
    #expect(try String(contentsOfFile: folder.file("page.html"), encoding: .utf8) == first)
    let again = try Program.run(output, in: folder.path)
    #expect(again.status == 73 && again.errors.contains("page.html: it exists"))
    #expect(try folder.names() == ["log.inter", "page.html", "run"])
  }

  // MARK: - In a browser

  /// Chromium, where it is installed.
  private static let browser = (ProcessInfo.processInfo.environment["PATH"] ?? "")
    .split(separator: ":").flatMap { folder in
      ["chromium", "chromium-browser", "google-chrome"].map { "\(folder)/\($0)" }
    }
    .first { FileManager.default.isExecutableFile(atPath: $0) }

  /// The document as Chromium has it, and what it says on the console.
  private func opened(_ path: String) throws -> (document: String, console: [String]) {
    let profile = try TemporaryFolder()
    let result = try Program.run(
      [
        "--headless", "--no-sandbox", "--disable-gpu", "--user-data-dir=\(profile.path)",
        "--enable-logging=stderr", "--dump-dom", URL(fileURLWithPath: path).absoluteString,
      ], executable: URL(fileURLWithPath: try #require(Self.browser)))
    #expect(result.status == 0)
    return (
      result.output,
      result.errors.split(separator: "\n").filter { $0.contains("CONSOLE") }.map(String.init)
    )
  }

  @Test(.enabled(if: browser != nil, "no chromium on PATH"))
  func chromiumShowsEverySectionAndHasNothingToSay() throws {
    let (folder, _) = try trained(as: Self.name)
    let page = try page(of: Self.name, in: folder)
    let shown = try opened(folder.file("\(Self.name)/report.html"))
    #expect(shown.console.isEmpty)
    #expect(sections(shown.document) == Self.all)
    for part in ["<svg", "</svg>", "<table", "<title", "<path", "<rect"] {
      let count = page.ranges(of: part).count
      #expect(count > 0 && shown.document.ranges(of: part).count == count, "\(part)")
    }

    // The console is heard: the page's own policy forbids what is from elsewhere.
    let planted = page.replacing("<main>", with: "<main><img src=\"http://localhost:1/x.png\">")
    let path = try folder.write(Array(planted.utf8), to: "planted.html")
    #expect(try opened(path).console.count == 1)
  }
}
