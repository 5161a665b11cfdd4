import ClseqBase
import ClseqData
import ClseqRuns
import ClseqSettings

/// A report as one HTML document, without scripts and without external resources.
public struct ReportPage {
  let report: RunReport

  /// Makes the page of a report.
  public init(_ report: RunReport) { self.report = report }

  /// The document.
  public var html: String {
    let title = report.name.markup
    let policy = "default-src 'none'; style-src 'unsafe-inline'"
    let about =
      ("\(report.settings.model.rawValue) for \(report.passport.task) on "
      + "\(report.passport.data)").markup
    return """
      <!doctype html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta http-equiv="Content-Security-Policy" content="\(policy)">
      <title>\(title) – clseq report</title>
      <style>
      \(ReportStyle.css)
      </style>
      </head>
      <body>
      <header>
      <h1>\(title)</h1>
      <p class="soft">\(about)</p>
      </header>
      <main>
      \(sections)</main>
      </body>
      </html>

      """
  }

  private var sections: String {
    return [
      section("figures", "Key figures", figures), section("curves", "Training", curves),
      section("comparison", "Scores and baselines", comparison),
      report.scoring?.yesNo.map { section("yes-no", "Yes or no", yesNo($0)) } ?? "",
      section("groups", "Groups", groups),
      section("protocol", "Protocol", passport), section("settings", "Settings", settings),
    ].joined()
  }

  private func section(_ id: String, _ title: String, _ content: String) -> String {
    "<section id=\"\(id)\">\n<h2>\(title)</h2>\n\(content)</section>\n"
  }

  /// A sentence of the page.
  func paragraph(_ text: String, _ style: String = "soft") -> String {
    "<p class=\"\(style)\">\(text.markup)</p>\n"
  }

  /// The reason why a section has no content.
  var absence: String {
    guard let obstacle = report.obstacle else { return "" }
    return paragraph(
      "Missing, because the best checkpoint could not be scored: \(obstacle)", "note")
  }

  // MARK: - Protocol and settings

  private var passport: String {
    var table = HTMLTable(header: ["Field", "Value"], isText: true)
    for field in report.passport.fields { table.append([field.name, field.value]) }
    return paragraph("Scores may be compared only with those of the same protocol.") + table.html
  }

  private var settings: String {
    paragraph(
      "These lines are config.yaml of the run; clseq train --config with such a file repeats the run."
    )
      + "<pre>\(report.config.markup)</pre>\n"
  }
}

extension ReportPage {
  // MARK: - Key figures

  private var figures: String {
    let list = (scoreTiles + trainingTiles + [dataTile]).map { tile in
      let parts = [tile.name, tile.value, tile.more].map(\.markup)
      return """
        <div><dt>\(parts[0])</dt><dd><strong>\(parts[1])</strong>\
        <span>\(parts[2])</span></dd></div>

        """
    }
    return "<dl class=\"tiles\">\n\(list.joined())</dl>\n"
  }

  private typealias Tile = (name: String, value: String, more: String)

  /// The deciding score with its interval and reference.
  private var scoreTiles: [Tile] {
    var tiles: [Tile] = []
    if let scoring = report.scoring, let name = decidingName,
      let score = scoring.scores.first(where: { $0.name == name })
    {
      let bounds = scoring.intervals[name].map { $0.map { ReportNumber.figure($0) } }
      let more = bounds.map { "95 % interval \($0[0]) to \($0[1])" } ?? ""
      let part = "\(name), \(report.part.rawValue)"
      tiles.append((part, ReportNumber.figure(score.value), more))
      for other in scoring.others {
        guard let value = other.scores[name] else { continue }
        tiles.append((other.title, ReportNumber.figure(value), part))
      }
    }
    return tiles
  }

  private var trainingTiles: [Tile] {
    var tiles: [Tile] = []
    if let best = report.bestEpoch {
      let score = decidingName.flatMap { name in
        bestMetrics?.validation[name].map { "\(name) \(ReportNumber.figure($0)) in validation" }
      }
      tiles.append(("best epoch", "\(best) of \(report.epochs.last?.epoch ?? best)", score ?? ""))
    }
    if let speed = medianSpeed {
      tiles.append(("training speed", ReportNumber.count(speed), "events per second"))
    }
    return tiles
  }

  private var dataTile: Tile {
    let passport = report.passport
    let counts = [passport.events, passport.users, passport.items].map {
      ReportNumber.count(Double($0))
    }
    return ("data", counts[0], "events of \(counts[1]) users, \(counts[2]) items")
  }

  /// As `clseq train` prints it: the median of the epochs after the first.
  private var medianSpeed: Double? {
    let later = report.epochs.dropFirst().map(\.eventsPerSecond).sorted()
    return later.isEmpty ? report.epochs.first?.eventsPerSecond : later[later.count / 2]
  }

  /// The best epoch.
  var bestMetrics: EpochMetrics? { report.epochs.first { $0.epoch == report.bestEpoch } }

  /// The names of the scores in order.
  var scoreNames: [String] {
    report.scoring?.scores.map(\.name)
      ?? ScoreOrder.sorted(report.epochs.first?.validation.keys.sorted() ?? [], report.settings)
  }

  /// The name of the score that epochs are chosen by.
  var decidingName: String? { ScoreOrder.deciding(scoreNames) }
}
