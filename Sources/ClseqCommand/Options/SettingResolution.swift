import Clseq
import Foundation

/// Finds the settings that hold: default, then the YAML file, then the environment, then flags.
struct SettingResolution {
  let environment: [String: String]

  /// The settings of a training run; with `--resume`, those that the run was started with.
  ///
  /// - Parameters:
  ///   - data: the log as named on the command line.
  ///   - config: the file of settings.
  ///   - options: what was given as flags.
  func training(
    data: String?, config: String?, options: [(key: String, text: String)]
  ) throws -> TrainingSettings {
    var flags = options
    if let data { flags.append(("data", data)) }
    let file = try config.map { path throws(SettingsError) in try SettingsLayer(yamlFile: path) }
    let environment = try SettingsLayer(environment: environment)
    let commandLine = try SettingsLayer(origin: .commandLine, values: flags.map(Self.absolute))

    let invocation = try TrainingSettings(
      layers: [environment, commandLine].map { try $0.keeping([.invocation]) })
    if invocation.resume {
      let layout = try RunLayout.existing(at: invocation.run)
      let layers = try [file, environment.keeping([.session, .invocation]), commandLine]
      return try withCache(
        TrainingSettings(
          resuming: SettingsLayer(yamlFile: layout.configPath), layers: layers.compactMap { $0 }))
    }
    var settings = try TrainingSettings(
      layers: [file, environment, commandLine].compactMap { $0 })
    settings.data = Self.absolute(settings.data)
    settings.users = Self.absolute(settings.users)
    settings.items = Self.absolute(settings.items)
    settings.itemVectors = Self.absolute(settings.itemVectors)
    return withCache(settings)
  }

  /// The settings with which a finished run is used again: those of the run, with another device
  /// or output where the environment or a flag asks for it.
  func finished(
    _ layout: RunLayout, options: [(key: String, text: String)]
  ) throws -> TrainingSettings {
    let environment = try SettingsLayer(environment: environment)
    return try withCache(
      TrainingSettings(
        resuming: SettingsLayer(yamlFile: layout.configPath),
        layers: [
          environment.keeping([.session, .invocation]),
          SettingsLayer(origin: .commandLine, values: options),
        ]))
  }

  /// The settings with which a run's model is used: those of the run, with other data, another way to
  /// read it, another device or output where the environment or a flag asks for it.
  ///
  /// - Parameter data: The log; that of the run when nil.
  func use(
    of layout: RunLayout, data: String? = nil, options: [(key: String, text: String)]
  ) throws -> TrainingSettings {
    let environment = try SettingsLayer(environment: environment)
    return try withCache(
      TrainingSettings(layers: [
        SettingsLayer(yamlFile: layout.configPath), environment.keeping([.session, .invocation]),
        SettingsLayer(
          origin: .commandLine, values: options + (data.map { [("data", $0)] } ?? [])),
      ]))
  }

  /// The settings of a command that has to do with no run.
  func standalone(options: [(key: String, text: String)]) throws -> TrainingSettings {
    try withCache(
      TrainingSettings(layers: [
        SettingsLayer(environment: environment).keeping([.session, .invocation]),
        SettingsLayer(origin: .commandLine, values: options),
      ]))
  }

  /// The settings with the user's cache folder where none is named, and without one for `none`.
  private func withCache(_ settings: TrainingSettings) -> TrainingSettings {
    var settings = settings
    if settings.cache.isEmpty {
      let base = environment["XDG_CACHE_HOME"] ?? environment["HOME"].map { "\($0)/.cache" }
      settings.cache = base.map { "\($0)/clseq/datasets" } ?? ""
    } else if settings.cache == "none" {
      settings.cache = ""
    }
    return settings
  }

  /// Paths of data are saved with a run, so they must hold from every folder.
  private static func absolute(
    _ value: (key: String, text: String)
  ) -> (key: String, text: String) {
    let paths = ["data", "users", "items", "item_vectors"]
    return paths.contains(value.key) ? (value.key, absolute(value.text)) : value
  }

  private static func absolute(_ path: String) -> String {
    path.isEmpty ? "" : URL(fileURLWithPath: path).standardizedFileURL.path
  }
}
