import Clseq
import Foundation

/// Finds the settings that hold: default, then the YAML file, then the environment, then flags.
struct SettingResolution {
  let environment: [String: String]

  /// The settings of a training run; with `--resume`, those that the run was started with.
  func training(_ call: TrainingCall) throws -> TrainingSettings {
    let layers = try layers(of: call)
    let invocation = try TrainingSettings(
      layers: layers.filter { $0.origin.isCall }.map { try $0.keeping([.invocation]) })
    if invocation.resume {
      let layout = try RunLayout.existing(at: invocation.run)
      return try withCache(
        TrainingSettings(
          resuming: SettingsLayer(yamlFile: layout.configPath),
          layers: layers.map { layer throws(SettingsError) in
            layer.origin == .environment ? try layer.keeping([.session, .invocation]) : layer
          }))
    }
    return withCache(Self.withAbsolutePaths(try TrainingSettings(layers: layers)))
  }

  /// The settings of a training run with the layers that they come from, the last of which wins.
  func shown(
    _ call: TrainingCall
  ) throws -> (settings: TrainingSettings, layers: [SettingsLayer]) {
    let layers = try layers(of: call)
    return (withCache(Self.withAbsolutePaths(try TrainingSettings(layers: layers))), layers)
  }

  /// The same of a run that is there: what it was started with, and what would change if it were used
  /// now.
  func shown(
    of layout: RunLayout, options: [(key: String, text: String)]
  ) throws -> (settings: TrainingSettings, layers: [SettingsLayer]) {
    let layers = try useLayers(of: layout, options: options)
    return (withCache(try TrainingSettings(layers: layers)), layers)
  }

  /// Warns of settings that were given and have no effect beside the others. In a file, as that of an
  /// earlier run, only a value other than the default was meant to have one.
  func warnOfIdleSettings(_ call: TrainingCall, _ settings: TrainingSettings) throws {
    let layers = try layers(of: call)
    let usual = TrainingSettings(
      task: settings.task, model: settings.model, target: settings.targetRule)
    for setting in Setting.all {
      let origin = layers.origin(of: setting.key)
      guard origin != .default, let idleness = setting.idleness(in: settings) else { continue }
      if case .file = origin, setting.text(in: settings) == setting.text(in: usual) { continue }
      let place = origin.place(of: setting) ?? ""
      let name = if case .file = origin { "\(place): \(setting.key)" } else { place }
      Console.warn("\(name) \(idleness)", settings)
    }
  }

  private func layers(of call: TrainingCall) throws -> [SettingsLayer] {
    var flags = call.options
    if let data = call.data { flags.append(("data", data)) }
    try Self.requirePaths(flags)
    let file = try call.config.map(SettingsLayer.init(yamlFile:))
    return [
      file, try SettingsLayer(environment: environment),
      try SettingsLayer(origin: .commandLine, values: flags.map(Self.absolute)),
    ].compactMap { $0 }
  }

  private static func withAbsolutePaths(_ settings: TrainingSettings) -> TrainingSettings {
    var settings = settings
    settings.data = Self.absolute(settings.data)
    settings.users = Self.absolute(settings.users)
    settings.items = Self.absolute(settings.items)
    settings.itemVectors = Self.absolute(settings.itemVectors)
    return settings
  }

  /// The settings with which a finished run is used again: those of the run, with another device
  /// or output where the environment or a flag asks for it.
  func finished(
    _ layout: RunLayout, options: [(key: String, text: String)]
  ) throws -> TrainingSettings {
    try Self.requirePaths(options)
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
    try withCache(
      TrainingSettings(
        layers: useLayers(of: layout, options: options + (data.map { [("data", $0)] } ?? []))))
  }

  private func useLayers(
    of layout: RunLayout, options: [(key: String, text: String)]
  ) throws -> [SettingsLayer] {
    try Self.requirePaths(options)
    return [
      try SettingsLayer(yamlFile: layout.configPath),
      try SettingsLayer(environment: environment).keeping([.session, .invocation]),
      try SettingsLayer(origin: .commandLine, values: options),
    ]
  }

  /// The settings of a command that has to do with no run.
  func standalone(options: [(key: String, text: String)]) throws -> TrainingSettings {
    try Self.requirePaths(options)
    return try withCache(
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

  /// Throws for the path of something to read that is given and empty, as an unset variable gives it:
  /// nothing is read in its place.
  private static func requirePaths(_ options: [(key: String, text: String)]) throws {
    let keys = ["data", "users", "items", "item_vectors", "kernels", "table", "query"]
    for option in options where keys.contains(option.key) && option.text.isEmpty {
      if option.key == "data" { throw DataError.missingFile(path: "") }
      let flag = Setting.named(option.key)?.flag ?? option.key
      throw SettingsError.doNotFit("--\(flag) is empty: is the variable set that holds it?")
    }
  }

  /// Paths of data are saved with a run, so they must hold from every folder.
  private static func absolute(
    _ value: (key: String, text: String)
  ) -> (key: String, text: String) {
    let paths = ["data", "users", "items", "item_vectors"]
    return paths.contains(value.key) ? (value.key, absolute(value.text)) : value
  }

  private static func absolute(_ path: String) -> String {
    path.isEmpty || path == "-" ? path : URL(fileURLWithPath: path).standardizedFileURL.path
  }
}

extension String {
  /// A path that was given for something to read.
  ///
  /// - Throws: `DataError.missingFile` for an empty one, as an unset variable gives it.
  var asPath: String {
    get throws {
      if isEmpty { throw DataError.missingFile(path: "") }
      return self
    }
  }
}

extension SettingOrigin {
  /// Whether a value belongs to one call of the program, and stands in no file.
  fileprivate var isCall: Bool { self == .environment || self == .commandLine }
}
