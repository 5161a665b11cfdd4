public import ArgumentParser
public import Clseq
import Foundation

/// Scores a trained model.
struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate", abstract: "Score the best checkpoint of a run.",
    discussion: """
      Full ranking over all items. Whether items that a user has seen are candidates goes by the run, or \
      by --seen; where they are not, a target that was met before counts as missed.
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
  @Option(help: "A SELECT for the rows of --data, likewise.") var query = ""
  @Option(help: "The part that is scored.")
  var split = Split.Part.test
  @Option(
    help: ArgumentHelp(
      "Also show a metric by groups of users.",
      discussion: "By an attribute of the user, or of the target: user:gender, item:genre.",
      valueName: "history|popularity|event-type|user:name|item:name"))
  var by: UserGrouping?
  @Option(help: "The metric of the groups: HR, NDCG, MRR or Recall, and any cutoff.")
  var byMetric = "NDCG@10"
  @Option(
    help: ArgumentHelp(
      "Rank among this many sampled negatives only, as old papers did; not comparable with more.",
      valueName: "count"))
  var sampledNegatives: Int?
  @Option(help: "Whether items that a user has seen are candidates (default: as in training).")
  var seen: SeenRule?
  @OptionGroup(title: "Settings") var options: SettingOptions<EvaluationSettings>

  func validate() throws {
    if let count = sampledNegatives, count < 1 {
      throw ValidationError("--sampled-negatives is \(count), and must be at least 1")
    }
    guard RankingMetrics.metric(named: byMetric) != nil else {
      let names = RankingMetrics.metrics.map { $0.name }.joined(separator: ", ")
      throw ValidationError("--by-metric is '\(byMetric)': one of \(names), as in NDCG@10")
    }
  }

  func run() throws {
    let environment = ProcessInfo.processInfo.environment
    let layout = try RunLayout.existing(at: directory)
    var settings = try SettingResolution(environment: environment)
      .finished(layout, options: options.values)
    if let seen { settings.seen = SeenChoice(seen) }
    if let data {
      guard settings.splitBy == .leaveOneOut else {
        throw SettingsError.doNotFit(
          "--data scores the last events of another log's users, and this run is not split that way"
        )
      }
      guard settings.task == .nextItem, ["auto", "none", ""].contains(settings.inputs) else {
        throw SettingsError.doNotFit(
          "--data scores rankings by a model of items alone; for this run see clseq predict")
      }
      settings.data = data
      settings.dataFormat = dataFormat
      (settings.table, settings.query) = (table, query)
    }
    let dataset = try Self.dataset(settings, isOther: data != nil, of: layout)
    let sampler = sampledNegatives.map { NegativeSampler(count: $0, seed: settings.seed) }
    let run = try ScoredRun(
      settings, layout, dataset: dataset, isOther: data != nil, sampler: sampler)
    if let taskScores = run.taskScores, by == nil, sampler == nil {
      return try show(taskScores(split), of: run)
    }
    let ranks = try run.ranks(of: split)
    let sampled = sampler.map { SampledRanks(ranks, by: $0) }
    let scores = sampled.map { RankingMetrics($0) } ?? RankingMetrics(ranks: ranks)
    if sampled != nil {
      Console.warn(
        "sampled ranks are far better than those among all items, and may order models otherwise",
        settings)
    }
    var summary = EvaluationSummary(
      run: directory, split: split.rawValue, scores: scores.dictionary, passport: run.passport)
    summary.addIntervals(of: ranks, seed: settings.seed, mark: sampled?.mark)
    if let by, let metric = RankingMetrics.metric(named: byMetric) {
      summary.groups = try by.groups(metric, of: ranks, run.split, split, seed: settings.seed)
      summary.groupMetric = sampled.map { "\(metric.title) \($0.mark)" } ?? metric.title
    }
    try Console.show(summary, as: settings.format) {
      Self.text(of: summary, names: scores.names)
    }
  }

  /// The figures of a task that ranks no items.
  private func show(_ scores: TaskScores, of run: ScoredRun) throws {
    let summary = EvaluationSummary(
      run: directory, split: split.rawValue, scores: scores.dictionary, passport: run.passport)
    try Console.show(summary, as: run.settings.format) {
      Self.text(of: summary, names: scores.names)
    }
  }

  /// The log to score on, with the items under the indices that the model knows.
  private static func dataset(
    _ settings: TrainingSettings, isOther: Bool, of layout: RunLayout
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
  static func text(of summary: EvaluationSummary, names: [String]) -> String {
    var table = TextTable(header: ["metric", summary.split, "95 % interval"])
    func fixed(_ value: Double) -> String { ProgressReport.fixed(value, digits: 4) }
    for name in names {
      let interval = summary.intervals[name].map { "\(fixed($0[0])) to \(fixed($0[1]))" }
      table.append([name, summary.scores[name].map(fixed) ?? "", interval ?? ""])
    }
    return table.text + "\n" + Self.text(of: summary.groups, metric: summary.groupMetric ?? "")
      + Self.text(of: summary.passport)
  }

  /// A group a line; nothing where none were asked for.
  private static func text(
    of groups: [EvaluationSummary.Group]?, metric: String
  ) -> String {
    guard let groups else { return "" }
    var table = TextTable(header: ["group", "users", metric, "95 % interval"])
    for group in groups {
      let numbers = ([group.value] + group.interval).map { ProgressReport.fixed($0, digits: 4) }
      table.append([
        group.group, "\(group.users)", numbers[0], "\(numbers[1]) to \(numbers[2])",
      ])
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
extension UserGrouping: ExpressibleByArgument {
  /// A grouping from its text; nil for one that is none.
  public init?(argument: String) { self.init(argument) }
}
extension Split.Part: ExpressibleByArgument {}
