public import ArgumentParser
public import Clseq
import Foundation

/// Writes the vectors that a trained model has for users, items, or stretches of events.
struct EmbedCommand: ParsableCommand {
  /// What vectors stand for.
  enum Subject: String, CaseIterable, ExpressibleByArgument {
    case users, items, sessions, windows
  }

  static let configuration = CommandConfiguration(
    commandName: "embed", abstract: "Write vectors of users, items, sessions or windows of events.",
    discussion: """
      A vector is the state of the model after the last event of a user, a session or a window of events, or the mean \
      of the states of all of them; that of an item is the one which states are compared with. Any trained model gives \
      them. --output v.npy and v.safetensors hold a matrix, with the ids in v.npy.ids, one a line; csv, tsv and jsonl \
      hold both. Vectors of items can be inputs of another run: --item-vectors.
      """)

  @Argument(help: ArgumentHelp("The run directory.", valueName: "run"), completion: .directory)
  var directory: String
  @Argument(
    help: "The log or the dataset (default: that of the run). Items need none.",
    completion: .file())
  var input: String?
  @Option(
    name: .customLong("of"),
    help: ArgumentHelp(
      "What a vector stands for.",
      valueName: Subject.allCases.map(\.rawValue).joined(separator: "|")))
  var subject = Subject.users
  @Option(
    help: ArgumentHelp(
      "The state from which the model predicts (the default), the mean of the states of all events, or the code of a "
        + "model that compresses sequences (its default).",
      valueName: VectorRequest.Reduction.allCases.map(\.rawValue).joined(separator: "|")))
  var vector: VectorRequest.Reduction?
  @OptionGroup var windows: WindowOptions
  @Option(
    name: [.short, .long],
    help: ArgumentHelp(
      "A new file to write, - for standard output (the default).", valueName: "file"),
    completion: .file())
  var output: String?
  @Option(
    help: ArgumentHelp(
      "What is written (default: by the output's name, else csv).",
      valueName: VectorFormat.allCases.map(\.rawValue).joined(separator: "|")))
  var outputFormat: VectorFormat?
  @OptionGroup var question: QuestionOptions
  @OptionGroup(title: "Settings") var options: SettingOptions<PredictionSettings>

  private var path: String? { output.flatMap { WholeFile.isStandardOutput($0) ? nil : $0 } }
  private var format: VectorFormat {
    outputFormat ?? path.flatMap(VectorFormat.init(path:)) ?? .csv
  }

  func validate() throws {
    try windows.check(isUsed: subject == .windows)
    guard subject != .items || (vector ?? .last) == .last else {
      throw ValidationError("--vector is of states, and items have one vector each: leave it out")
    }
    guard format.lines != nil || path != nil else {
      throw ValidationError(
        "\(format.rawValue) has a file of ids beside it: add --output FILE.\(format.rawValue)")
    }
  }

  func run() throws {
    let layout = try RunLayout.existing(at: directory)
    let settings = try SettingResolution(environment: ProcessInfo.processInfo.environment)
      .use(of: layout, data: input, options: options.values)
    // Before the work: an error of the output's name must not come after it.
    let writer = try Writer(format, path)
    let run = try TrainedRun(layout, settings: settings.training, given: settings.given)
    Console.warnOfIdleOptions(settings)
    if subject == .items {
      if let input { Console.warn("\(input) is not read: vectors of items need no log", settings) }
      try writeItems(of: run, to: writer)
    } else {
      try writeStretches(of: run, to: writer, settings)
    }
    try writer.finish()
    Console.note(
      "\(counted(writer.count, "vector")) of \(counted(writer.width, "number"))"
        + (path.map {
          format.lines == nil ? " in \($0), ids in \($0)\(VectorFile.idSuffix)" : " in \($0)"
        }
          ?? ""),
      settings)
  }

  private func writeItems(of run: TrainedRun, to writer: Writer) throws {
    let (values, width) = try run.itemVectors()
    try writer.begin(["item"], count: run.vocabulary.count, width: width)
    for row in 0..<run.vocabulary.count {
      let id = run.vocabulary[row + 1]
      try writer.add(
        id, [PredictionField("item", .text(id))], values[row * width..<(row + 1) * width])
    }
  }

  private func writeStretches(
    of run: TrainedRun, to writer: Writer, _ settings: ResolvedSettings
  ) throws {
    Console.warnOfIdleUsers(run, withTruth: false, settings)
    let data = try settings.readDataset(for: run, question)
    let progress = ProgressReport(settings)
    let backend = try settings.openBackendAndReport()
    let model = try TrainedModel(run, data, on: backend)
    progress.end()
    let wanted: VectorRequest.Subject =
      switch subject {
      case .users, .items: .users
      case .sessions: .sessions
      case .windows: windows.subject
      }
    let request = VectorRequest(wanted, reducedTo: vector)
    let count = try model.vectorCount(request)
    let dataset = data.dataset
    let names = ["user"] + wanted.numberNames
    try writer.begin(names, count: count, width: model.vectorWidth)
    let rest = ProgressReport(settings)
    try model.vectors(request, progress: rest.handler) { row in
      let user = dataset.users[row.user]
      let first = row.events.lowerBound - Int(dataset.offsets[row.user])
      let numbers = wanted.numbers(of: row.number, first..<first + row.events.count)
      let id = VectorRequest.Subject.id(user, numbers)
      let fields = zip(names.dropFirst(), numbers).map { PredictionField($0, .integer($1)) }
      try writer.add(id, [PredictionField("user", .text(user))] + fields, row.values)
    }
    rest.end()
    try backend.context?.profile.map { Console.note(table: try ProfileTable.text($0)) }
  }

  /// Writes a matrix and its ids, or lines that hold both.
  private final class Writer {
    private let matrix: VectorFile?
    private let lines: PredictionLines?
    /// Vectors so far.
    private(set) var count = 0
    /// Numbers of a vector.
    private(set) var width = 0

    init(_ format: VectorFormat, _ path: String?) throws {
      if let text = format.lines {
        let file = try path.map { path throws(FileError) in
          try WholeFile(path, whereTaken: .isRefused)
        }
        (matrix, lines) = (nil, PredictionLines(format: text, file: file))
      } else {
        matrix = try path.map { path throws(FileError) in try VectorFile(path, format) }
        lines = nil
      }
    }

    func begin(_ names: [String], count: Int, width: Int) throws {
      self.width = width
      try matrix?.begin(count: count, width: width)
      let zeros = [Float](repeating: 0, count: width)
      try lines?.begin(
        names.map { PredictionField($0, nil) } + [PredictionField("vector", .vector(zeros[...]))])
    }

    func add(_ id: String, _ fields: [PredictionField], _ values: ArraySlice<Float>) throws {
      count += 1
      try matrix?.add(id, values)
      try lines?.add([fields + [PredictionField("vector", .vector(values))]])
    }

    func finish() throws {
      try matrix?.finish()
      try lines?.finish()
    }
  }
}

extension VectorFormat: ExpressibleByArgument {}
extension VectorRequest.Reduction: ExpressibleByArgument {}
