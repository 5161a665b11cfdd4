import ArgumentParser
import Clseq
import Foundation

/// Shows what settings hold, and where they come from.
struct ConfigCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "config", abstract: "Show settings and where they come from; make a file of them.",
    subcommands: [ConfigShowCommand.self, ConfigTemplateCommand.self])
}

/// Prints every setting with its value and its origin.
struct ConfigShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Print every setting with its value and its origin.",
    discussion: """
      They are those with which `clseq train` would begin under the same options; with --run, those of \
      a run that is there, as the other commands use them.
      """)

  @OptionGroup var training: TrainingOptions

  func run() throws {
    let resolution = SettingResolution(environment: ProcessInfo.processInfo.environment)
    let request = training.request
    let run = request.options.last { $0.key == "run" }
    if run != nil && (request.config != nil || request.data != nil) {
      throw SettingsError.doNotFit(
        "--run shows the settings of a run: leave the log and --config away")
    }
    let shown =
      if let run {
        try resolution.shown(of: RunLayout.existing(at: run.text), options: request.options)
      } else {
        try resolution.shown(request)
      }
    let listing = SettingListing(shown.settings) { shown.layers.origin(of: $0.key) }
    try Console.show(listing, as: shown.settings.format) { listing.text }
  }
}

/// Prints a file of settings to start from.
struct ConfigTemplateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "template", abstract: "Print a commented YAML file of all settings.",
    discussion: """
      Values are the defaults, or those of the options: --task click gives the defaults of that task.
      """)

  @OptionGroup(title: "Settings") var options: SettingOptions<AllSettings>

  func run() throws {
    // The environment wins over a file anyway, and is not written into one.
    let format = try SettingResolution(environment: ProcessInfo.processInfo.environment)
      .standalone(options: options.values.filter { $0.key == "format" }).format
    let settings = try SettingResolution(environment: [:])
      .shown(TrainingRequest(options: options.values)).settings
    try Console.show(SettingListing(settings) { _ in nil }, as: format) { settings.template }
  }
}

/// Settings with their values, for JSON and for people.
struct SettingListing: Encodable {
  struct Entry: Encodable {
    let key: String
    let value: String
    /// `default`, `file`, `environment` or `flag`.
    let origin: String?
    /// The path of the file, the name of the variable, or the option.
    let place: String?
    let help: String
    let expected: String
    let choices: [String]?
  }

  let settings: [Entry]

  /// - Parameter origin: Where the value of a setting comes from; nil to leave that out.
  init(_ settings: ResolvedSettings, origin: (Setting) -> SettingOrigin?) {
    self.settings = Setting.all(of: settings.training).map { setting in
      let origin = origin(setting)
      return Entry(
        key: setting.key, value: setting.text(in: settings), origin: origin?.kind,
        place: origin?.place(of: setting), help: setting.help, expected: setting.expected,
        choices: setting.choices.isEmpty ? nil : setting.choices)
    }
  }

  /// A line a setting.
  var text: String {
    var table = TextTable(
      header: ["setting", "value", "origin"], alignment: [.left, .left, .left])
    for entry in settings {
      table.append([entry.key, entry.value, entry.place ?? entry.origin ?? ""])
    }
    return table.text
  }
}

extension SettingOrigin {
  fileprivate var kind: String {
    switch self {
    case .default: "default"
    case .file: "file"
    case .environment: "environment"
    case .commandLine: "flag"
    case .program: "program"
    }
  }
}
