import Clseq

/// Which settings the help shows, and whose defaults.
enum HelpBasis {
  /// Those that every model has.
  case common
  /// Those of the model that the command line names, with the defaults of its task and model.
  case named(TrainingSettings)
  /// All, for the manual and for completions.
  case all

  /// The basis of the help that is written now.
  @TaskLocal static var current = HelpBasis.common

  /// The basis that the arguments name by `--task` and `--model`.
  init(arguments: some Collection<String>) {
    func value(of option: String) -> String? {
      if let place = arguments.firstIndex(of: option) {
        return arguments[place...].dropFirst().first
      }
      let start = option + "="
      return arguments.first { $0.hasPrefix(start) }.map { String($0.dropFirst(start.count)) }
    }
    let task = value(of: "--task").flatMap { TaskKind(rawValue: $0) }
    let model = value(of: "--model").flatMap { ModelChoice(rawValue: $0) }
    guard task != nil || model != nil else {
      self = .common
      return
    }
    self = .named(TrainingSettings(task: task ?? .nextItem, model: model))
  }

  /// The settings whose values are shown as defaults.
  var defaults: TrainingSettings {
    if case .named(let settings) = self { settings } else { TrainingSettings() }
  }

  /// Whether the help shows a setting.
  func shows(_ setting: Setting) -> Bool {
    switch self {
    case .all: true
    case .common: !setting.isOfModels || setting.isOfEveryModel
    case .named(let settings): Setting.all(of: settings).contains { $0.key == setting.key }
    }
  }
}
