import ArgumentParser
import Clseq
import Foundation

/// Groups the users of a log by the vectors of a run.
struct ClusterCommand: ParsableCommand {
  /// The number of segments.
  enum Count: ExpressibleByArgument {
    case auto
    case number(Int)

    init?(argument: String) {
      if argument == "auto" {
        self = .auto
      } else if let number = Int(argument) {
        self = .number(number)
      } else {
        return nil
      }
    }
  }

  static let configuration = CommandConfiguration(
    commandName: "cluster", abstract: "Group the users of a log into segments of alike ones.",
    discussion: """
      Users are grouped by their vectors, as 'clseq embed' writes them, with k-means. Each segment is shown with its \
      size, the items that stand out among its users, the types of its events, and the user nearest to its centre. Shares \
      stand beside how many times larger they are than among all users. --output writes the segment of each user, --map \
      draws them.
      """)

  @Argument(help: ArgumentHelp("The run directory.", valueName: "run"), completion: .directory)
  var directory: String
  @Argument(help: "The log or the dataset (default: that of the run).", completion: .file())
  var input: String?
  @Option(
    help: ArgumentHelp(
      "Number of segments, or auto for that of 2 to 12 with the largest silhouette.",
      valueName: "count|auto"))
  var k = Count.auto
  @Option(
    help: ArgumentHelp(
      "The vector of a user: the state from which the model predicts, the mean of all states (the default), or the "
        + "code of a model that compresses sequences (its default).",
      valueName: VectorRequest.Reduction.allCases.map(\.rawValue).joined(separator: "|")))
  var vector: VectorRequest.Reduction?
  @Option(
    name: [.short, .long],
    help: ArgumentHelp(
      "A new file with the segment of each user: .csv, .tsv or .jsonl.", valueName: "file"),
    completion: .file())
  var output: String?
  @Option(
    help: ArgumentHelp(
      "A new SVG file with a map of the users: the plane in which their vectors differ most.",
      valueName: "file"), completion: .file(extensions: ["svg"]))
  var map: String?
  @OptionGroup var question: QuestionOptions
  @OptionGroup(title: "Settings") var options: SettingOptions<ExplanationSettings>

  func validate() throws {
    if case .number(let number) = k, number < 1 {
      throw ValidationError("--k is \(number), and must be at least 1, or auto")
    }
    guard output.map({ !WholeFile.isStandardOutput($0) }) ?? true else {
      throw ValidationError(
        "--output is a file, since standard output holds the table: name one, as segments.csv")
    }
    guard map.map({ $0.lowercased().hasSuffix(".svg") }) ?? true else {
      throw ValidationError("--map is \(map ?? ""), and must end with .svg, as users.svg")
    }
  }

  func run() throws {
    let layout = try RunLayout.existing(at: directory)
    let settings = try SettingResolution(environment: ProcessInfo.processInfo.environment)
      .use(of: layout, data: input, options: options.values)
    let file = try output.map { path throws(FileError) in
      try WholeFile(path, whereTaken: .isRefused)
    }
    let mapFile = try map.map { path throws(FileError) in
      try WholeFile(path, whereTaken: .isRefused)
    }
    let run = try TrainedRun(layout, settings: settings.training, given: settings.given)
    Console.warnOfIdleOptions(settings)
    Console.warnOfIdleUsers(run, withTruth: false, settings)
    let data = try settings.readDataset(for: run, question)
    let model = try TrainedModel(run, data, on: try settings.openBackendAndReport())
    let progress = ProgressReport(settings)
    let count: Int? = if case .number(let number) = k { number } else { nil }
    let result = try UserSegments(
      of: model, count: count, reducedTo: vector, seed: settings.seed, hasPlane: map != nil,
      titles: try KnownTitles.of(run, settings), progress: progress.handler)
    progress.end()
    if let file, let output {
      let lines = PredictionLines(
        format: PredictionFormat(path: output) ?? .csv, file: file)
      try lines.begin(["user", "segment", "distance"].map { PredictionField($0, nil) })
      for user in 0..<data.dataset.userCount {
        try lines.add([
          [
            PredictionField("user", .text(data.dataset.users[user])),
            PredictionField("segment", .integer(result.segmentOfUser[user])),
            PredictionField("distance", .number(result.distanceOfUser[user])),
          ]
        ])
      }
      try lines.finish()
    }
    if let mapFile, let plane = result.plane {
      try mapFile.append(Self.map(of: result, in: plane).svg)
      try mapFile.finish()
    }
    try Console.show(WithReading(result, data.dataset.source), as: settings.format) {
      Self.text(of: result)
    }
  }

  /// The most users that a map shows, evenly taken from the log.
  private static let mappedUsers = 4_000

  private static func map(of result: UserSegments, in plane: PrincipalPlane) -> PointMap {
    let step = max(1, (plane.points.count + mappedUsers - 1) / mappedUsers)
    let shown = stride(from: 0, to: plane.points.count, by: step)
    let groups = (1...result.k).map { segment in
      PointMap.Group(
        "segment \(segment)",
        shown.filter { result.segmentOfUser[$0] == segment }.map { plane.points[$0] })
    }
    let total = plane.points.count
    let count = step == 1 ? "\(total) users" : "every \(step)th of \(total) users"
    return PointMap(
      title: "\(count) by their vectors",
      axes: (
        "first component, \(percent(plane.shares.x)) of the variance",
        "second component, \(percent(plane.shares.y))"
      ), groups: groups)
  }

  /// The numbers of segments that were tried, then a line for each segment, then what stands out in each.
  static func text(of result: UserSegments) -> String {
    var text = ""
    if let tried = result.tried {
      var table = TextTable(header: ["k", "silhouette"], alignment: [.right, .right])
      for trial in tried { table.append(["\(trial.k)", fixed(trial.silhouette)]) }
      text += table.text + "\n"
    } else {
      text += "silhouette  \(fixed(result.silhouette))\n\n"
    }
    var table = TextTable(
      header: ["segment", "users", "share", "events per user", "typical user"],
      alignment: [.right, .right, .right, .right, .left])
    for segment in result.segments {
      table.append([
        "\(segment.segment)", "\(segment.users)", percent(segment.share),
        NumberText.fixed(segment.events, digits: 1), segment.typicalUser,
      ])
    }
    text += table.text
    for segment in result.segments where !segment.items.isEmpty {
      text += "\n" + traits(of: segment)
    }
    return text
  }

  /// A line for each item and type that stands out.
  private static func traits(of segment: UserSegments.Segment) -> String {
    var table = TextTable(
      header: ["segment \(segment.segment)", "share", "times all"],
      alignment: [.left, .right, .right])
    for item in segment.items {
      table.append([
        item.title.map { "\(item.id) \($0)" } ?? item.id, percent(item.share), times(item.lift),
      ])
    }
    for type in segment.types {
      table.append(["events: \(type.id)", percent(type.share), times(type.lift)])
    }
    return table.text
  }

  private static func fixed(_ number: Double) -> String { NumberText.fixed(number, digits: 4) }
  private static func percent(_ share: Double) -> String {
    NumberText.fixed(100 * share, digits: 1) + " %"
  }
  private static func times(_ lift: Double) -> String { NumberText.fixed(lift, digits: 2) }
}
