import ArgumentParser
import Clseq
import Foundation

/// Writes sequences from the codes of a run that compresses them.
struct SampleCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sample", abstract: "Make up sequences, or walk from one user to another.",
    discussion: """
      A run of --task reconstruct writes sequences from codes. With --model vae codes are drawn from N(0, 1), and \
      items, types and the end of each sequence by their probabilities; no log is read. --between takes any run of the \
      task and goes in equal steps from the code of one user to that of another, with the likeliest events of each.
      """)

  @Argument(help: ArgumentHelp("The run directory.", valueName: "run"), completion: .directory)
  var directory: String
  @Argument(
    help: "The log or the dataset of the users of --between (default: that of the run).",
    completion: .file())
  var input: String?
  @Option(help: ArgumentHelp("Sequences to draw.", valueName: "count")) var count = 10
  @Option(
    help: ArgumentHelp("Two users, separated by a comma, to walk between.", valueName: "id,id"))
  var between: String?
  @Option(
    help: ArgumentHelp(
      "Sequences from the first user of --between to the second, those of both among them (default: 5).",
      valueName: "count"))
  var steps: Int?
  @Option(
    help: ArgumentHelp(
      "Divides the scores before an item is drawn: below 1 likely items become likelier (default: 1).",
      valueName: "number"))
  var temperature: Double?
  @Option(help: ArgumentHelp("The seed of the draws (default: the run's).", valueName: "number"))
  var seed: UInt64?
  @OptionGroup var question: QuestionOptions
  @OptionGroup(title: "Settings") var options: SettingOptions<ExplanationSettings>

  private var ids: [String] {
    (between ?? "").split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
  }

  func validate() throws {
    guard (1...10_000).contains(count) else {
      throw ValidationError("--count is \(count), and must be from 1 to 10000")
    }
    guard between == nil || ids.count == 2 else {
      throw ValidationError("--between is '\(between ?? "")', and must be two ids: --between 12,7")
    }
    guard steps == nil || between != nil else {
      throw ValidationError("--steps is of a walk: add --between ID,ID, or leave it out")
    }
    guard (2...10_000).contains(steps ?? 2) else {
      throw ValidationError("--steps is \(steps ?? 0), and must be from 2 to 10000")
    }
    if let temperature, !(temperature > 0 && temperature.isFinite) {
      throw ValidationError("--temperature is \(temperature), and must be above 0")
    }
  }

  func run() throws {
    let layout = try RunLayout.existing(at: directory)
    let settings = try SettingResolution(environment: ProcessInfo.processInfo.environment)
      .use(of: layout, data: input, options: options.values)
    let run = try TrainedRun(layout, settings: settings.training, given: settings.given)
    Console.warnOfIdleOptions(settings)
    let titles = try KnownTitles.of(run, settings)
    guard between == nil else { return try walk(run, settings, titles) }
    if let input { Console.warn("\(input) is not read: draws need no log", settings) }
    var rule = SamplingRule(seed: seed ?? settings.seed)
    rule.temperature = temperature ?? rule.temperature
    let result = try SequenceSamples(
      count, drawnBy: run, rule, titles: titles, on: { try settings.openBackendAndReport() })
    try Console.show(result, as: settings.format) { Self.text(of: result) }
  }

  private func walk(
    _ run: TrainedRun, _ settings: ResolvedSettings, _ titles: ItemTitles?
  ) throws {
    for (option, isGiven) in [("--temperature", temperature != nil), ("--seed", seed != nil)]
    where isGiven { Console.warn("\(option) has no effect with --between", settings) }
    Console.warnOfIdleUsers(run, withTruth: false, settings)
    let data = try settings.readDataset(for: run, question)
    let model = try TrainedModel(run, data, on: try settings.openBackendAndReport())
    let progress = ProgressReport(settings)
    let result = try SequenceSamples(
      between: (ids[0], ids[1]), stepCount: steps ?? 5, by: model, titles: titles,
      progress: progress.handler)
    progress.end()
    try Console.show(WithReading(result, data.dataset.source), as: settings.format) {
      Self.text(of: result)
    }
  }

  /// A line an event.
  static func text(of result: SequenceSamples) -> String {
    let events = result.sequences.flatMap(\.events)
    let hasTitles = events.contains { $0.title != nil }
    let hasTypes = events.contains { $0.type != nil }
    let names = (events.first?.values ?? [:]).keys.sorted()
    var table = TextTable(
      header: ["sequence"] + (result.users == nil ? [] : ["share"]) + ["event", "item"]
        + (hasTitles ? ["title"] : []) + (hasTypes ? ["type"] : []) + names,
      alignment: [.right] + (result.users == nil ? [] : [.right]) + [.right, .left]
        + (hasTitles ? [.left] : []) + (hasTypes ? [.left] : []) + names.map { _ in .right })
    for sequence in result.sequences {
      for (place, event) in sequence.events.enumerated() {
        let share = sequence.share.map { [NumberText.fixed($0, digits: 2)] } ?? []
        table.append(
          ["\(sequence.number)"] + share + ["\(place + 1)", event.item]
            + (hasTitles ? [event.title ?? ""] : []) + (hasTypes ? [event.type ?? ""] : [])
            + names.map { NumberText.fixed(event.values?[$0] ?? .nan, digits: 2) })
      }
    }
    return table.text
  }
}
