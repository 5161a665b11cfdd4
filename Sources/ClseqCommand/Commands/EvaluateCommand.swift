public import ArgumentParser
public import Clseq
import Foundation

/// Scores a trained model.
struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate", abstract: "Score the best checkpoint of a run.",
    discussion: """
      Figures with 95 % intervals by bootstrap over users. Rankings are over all items. Whether items \
      that a user has seen are candidates goes by the run, or by --seen; where they are not, a target \
      that was met before counts as missed.
      """)

  @Argument(help: ArgumentHelp("The run directory.", valueName: "run"), completion: .directory)
  var directory: String
  @Option(help: ArgumentHelp("Another log to score on.", valueName: "log"), completion: .file())
  var data: String?
  @Option(
    help: ArgumentHelp(
      "How --data is written.",
      valueName: DataFormatChoice.allCases.map(\.rawValue).joined(separator: "|")))
  var dataFormat = DataFormatChoice.auto
  @Option(help: "The table of --data, if that is a SQLite database.") var table = ""
  @Option(help: "A SELECT for the rows of --data, if that is a SQLite database.") var query = ""
  @Option(
    help: ArgumentHelp(
      "Malformed records of --data that are left out: a count, a share (1%) or all.",
      valueName: "count|share|all"))
  var skipBad: FaultTolerance?
  @Option(help: "What becomes of an event of --data that lacks a value.")
  var missing: MissingValues?
  @Option(help: "The part of the split to score.")
  var part = Split.Part.test
  @Option(
    help: ArgumentHelp(
      "Also show a figure by groups of users or events.",
      discussion: """
        By an attribute of the user, or of the target item: user:gender, item:genre. \
        Models of users are grouped by the user's last event.
        """,
      valueName: "history|popularity|event-type|user:name|item:name"))
  var by: UserGrouping?
  @Option(
    help: """
      The figure of the groups: one of the table, of rankings at any cutoff (default: NDCG@10, or \
      the first of the table).
      """)
  var byMetric: String?
  @Option(
    help: ArgumentHelp(
      "Rank among this many sampled negatives only, as old papers did; not comparable with more.",
      valueName: "count"))
  var sampledNegatives: Int?
  @Option(help: "Whether items that a user has seen are candidates (default: as in training).")
  var seen: SeenRule?
  @Option(
    help: ArgumentHelp(
      "Correct probabilities of a yes by a curve that is fitted on the validation.",
      discussion: "It is kept with the run, for predict --calibrated.",
      valueName: Recalibration.Method.allCases.map(\.rawValue).joined(separator: "|")))
  var calibrate: Recalibration.Method?
  @Option(
    help: ArgumentHelp(
      "Score so many next events of each user instead, each generated after those before it.",
      discussion: """
        The likeliest item of each step, for users with so many events in the part. HR and NDCG rank the true \
        item of a step after the items that were generated before it.
        """, valueName: "count"))
  var steps: Int?
  @Option(
    help: ArgumentHelp(
      "The --items of the clseq generate that wrote the log: shows the best possible figures of --steps.",
      valueName: "count"))
  var shopItems: Int?
  @Option(
    help: ArgumentHelp(
      "Its --seed (default: \(ShopLog.demo.seed)).", valueName: "number"))
  var shopSeed: UInt64?
  @OptionGroup(title: "Settings") var options: SettingOptions<EvaluationSettings>

  func validate() throws {
    if let steps {
      guard (1...1_000).contains(steps) else {
        throw ValidationError("--steps is \(steps), and must be 1 to 1000")
      }
      let others = [
        ("--by", by != nil), ("--sampled-negatives", sampledNegatives != nil),
        ("--calibrate", calibrate != nil),
      ]
      if let other = others.first(where: \.1) {
        throw ValidationError("\(other.0) has no meaning with --steps: leave one of them out")
      }
    }
    if steps == nil,
      let idle = [("--shop-items", shopItems != nil), ("--shop-seed", shopSeed != nil)]
        .first(where: \.1)
    {
      throw ValidationError("\(idle.0) is about the best possible figures of --steps: add --steps")
    }
    guard shopSeed == nil || shopItems != nil else {
      throw ValidationError("--shop-seed is of a generated log: add --shop-items")
    }
    if let count = sampledNegatives, count < 1 {
      throw ValidationError("--sampled-negatives is \(count), and must be at least 1")
    }
    guard byMetric == nil || by != nil else {
      throw ValidationError("--by-metric names the figure of groups: add --by")
    }
    let ofData = [
      ("--data-format", dataFormat != .auto), ("--table", !table.isEmpty),
      ("--query", !query.isEmpty), ("--skip-bad", skipBad != nil), ("--missing", missing != nil),
    ]
    if data == nil, let idle = ofData.first(where: \.1) {
      throw ValidationError("\(idle.0) is about the log of --data: add --data")
    }
  }

  func run() throws {
    let environment = ProcessInfo.processInfo.environment
    let layout = try RunLayout.existing(at: directory)
    var settings = try SettingResolution(environment: environment)
      .finished(layout, options: options.values)
    if let seen { settings.seen = SeenChoice(seen) }
    Console.warnOfIdleOptions(settings)
    Console.warnOfIdleRanking([("--seen", seen != nil)], settings)
    if let data {
      guard settings.splitBy == .leaveOneOut else {
        throw SettingsError.doNotFit(
          "--data scores the last events of another log's users, and this run is not split that way"
        )
      }
      guard settings.task.answer == .ranking, [.auto, .kinds([])].contains(settings.inputs) else {
        throw SettingsError.doNotFit(
          "--data scores rankings by a model of items alone; for this run see clseq predict")
      }
      settings.data = try data.asPath
      settings.dataFormat = dataFormat
      (settings.table, settings.query) = (table, query)
      settings.skipBad = skipBad ?? settings.skipBad
      settings.missing = missing ?? settings.missing
      // Those of the run's own log need not be those of another.
      settings.timesBetween = nil
    }
    let dataset = try Self.dataset(settings, isOther: data != nil, of: layout)
    let sampler = sampledNegatives.map { NegativeSampler(count: $0, seed: settings.seed) }
    let run = try settings.scoredRun(
      layout, dataset: dataset, isOther: data != nil, sampler: sampler)
    if let steps {
      return try show(try summary(ofSteps: steps, run, settings), settings)
    }
    if sampler != nil {
      Console.warn(
        "sampled ranks are far better than those among all items, and may order models otherwise",
        settings)
    }
    // Before the run's own cases are held.
    let neighbours =
      settings.task.answer == .ranking
      ? [] : OtherRankers.answers(run.neighbours(of: part), settings.training, part)
    var (cases, passport) = (try run.cases(of: part), run.passport)
    if let calibrate {
      let calibration = try run.calibration(calibrate)
      try calibration.save(to: layout)
      cases = calibration.applied(to: cases)
      passport.calibration = calibration.text
      if part == calibration.part {
        Console.warn("the curve was fitted on these very cases: its figures flatter it", settings)
      }
    }
    var summary = EvaluationSummary(
      run: directory, split: part.rawValue, cases: cases, passport: passport,
      seed: settings.seed)
    summary.neighbours = neighbours
    if let by { try summary.addGroups(by, figure: byMetric, of: cases, run.split, settings.seed) }
    try Console.show(summary, as: settings.format) { Self.text(of: summary) }
  }

  /// The log to score on, with the items under the indices that the model knows.
  private static func dataset(
    _ settings: ResolvedSettings, isOther: Bool, of layout: RunLayout
  ) throws -> SequenceDataset {
    let dataset = try settings.readDataset()
    guard isOther else { return dataset }
    let known = try dataset.translated(to: try Vocabulary(contentsOf: layout.vocabularyPath))
    if known.eventCount < dataset.eventCount {
      Console.warn(
        "\(dataset.eventCount - known.eventCount) of \(dataset.eventCount) events are left out: "
          + "the model does not know their items, or too few events of their users are left",
        settings)
    }
    return known
  }

  /// The scores and their protocol, for people.
  static func text(of summary: EvaluationSummary) -> String {
    var table = TextTable(
      header: ["metric", summary.split, "95 % interval"] + summary.neighbours.map(\.title))
    for name in summary.scoreNames {
      let interval = summary.intervals[name].map { "\(fixed($0[0])) to \(fixed($0[1]))" }
      table.append(
        [name, summary.scores[name].map(fixed) ?? "", interval ?? ""]
          + summary.neighbours.map { $0.scores[name].map(fixed) ?? "" })
    }
    return table.text + "\n" + (summary.yesNo.map(Self.text) ?? "")
      + Self.text(of: summary.groups, metric: summary.groupMetric ?? "")
      + Self.text(of: summary.passport)
  }

  private static func fixed(_ value: Double) -> String {
    NumberText.fixed(value, digits: 4)
  }

  /// What thresholds flag, and what stands in each tenth.
  private static func text(of curves: YesNoCurves) -> String {
    var thresholds = TextTable(header: ["threshold", "flagged", "precision", "recall", "F1"])
    for (place, row) in (curves.thresholds + [curves.bestF1]).enumerated() {
      let isBest = place == curves.thresholds.count
      thresholds.append([
        isBest
          ? "\(fixed(row.threshold)) (best F1)"
          : NumberText.fixed(row.threshold, digits: 1), fixed(row.flagged),
        row.precision.map(fixed) ?? "", fixed(row.recall), fixed(row.f1),
      ])
    }
    var deciles = TextTable(
      header: ["decile", "cases", "probability", "share of yes", "lift", "captured"])
    for row in curves.deciles {
      deciles.append([
        "\(row.decile)", "\(row.cases)", fixed(row.meanProbability), fixed(row.share),
        NumberText.fixed(row.lift, digits: 2), fixed(row.captured),
      ])
    }
    return thresholds.text + "\n" + deciles.text + "\n"
  }

  /// One line per group; empty without groups.
  private static func text(
    of groups: [EvaluationSummary.Group]?, metric: String
  ) -> String {
    guard let groups else { return "" }
    let hasCases = groups.contains { $0.cases != $0.users }
    var table = TextTable(
      header: ["group", "users"] + (hasCases ? ["cases"] : []) + [metric, "95 % interval"])
    for group in groups {
      let interval = group.interval.map { "\(fixed($0[0])) to \(fixed($0[1]))" }
      table.append(
        [group.group, "\(group.users)"] + (hasCases ? ["\(group.cases)"] : [])
          + [fixed(group.value), interval ?? ""])
    }
    return table.text + "\n"
  }

  /// The protocol, a field a line.
  static func text(of passport: Passport) -> String {
    var table = TextTable(header: ["protocol", ""], alignment: [.left, .left])
    for field in passport.fields { table.append([field.name, field.value]) }
    return table.text
  }
}

extension DataFormatChoice: ExpressibleByArgument {}
extension MissingValues: ExpressibleByArgument {}
extension FaultTolerance: ExpressibleByArgument {
  /// A tolerance from its text; nil for one that is none.
  public init?(argument: String) { self.init(argument) }
}
extension UserGrouping: ExpressibleByArgument {
  /// A grouping from its text; nil for one that is none.
  public init?(argument: String) { self.init(argument) }
}
extension Split.Part: ExpressibleByArgument {}
extension Recalibration.Method: ExpressibleByArgument {}
