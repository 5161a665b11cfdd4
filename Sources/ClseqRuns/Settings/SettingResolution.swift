import ClseqBase
import ClseqData
import ClseqRuntime
public import ClseqSettings
import Foundation

/// A training as a command line states it.
public struct TrainingRequest: Sendable {
  /// Path of the log; nil for that of other layers.
  public var data: String?
  /// Path of a YAML file of settings.
  public var config: String?
  /// Options by key, as text.
  public var options: [(key: String, text: String)]

  /// A request from all its fields.
  public init(data: String? = nil, config: String? = nil, options: [(key: String, text: String)]) {
    (self.data, self.config, self.options) = (data, config, options)
  }

  /// The same request with other values for some settings.
  public func changing(_ changes: [(key: String, text: String)]) -> TrainingRequest {
    var request = self
    request.options =
      options.filter { option in !changes.contains { $0.key == option.key } } + changes
    return request
  }

  /// The same request without some settings.
  public func without(_ keys: Set<String>) -> TrainingRequest {
    var request = self
    request.options.removeAll { keys.contains($0.key) }
    return request
  }
}

/// A setting that was given and has no effect beside the others.
public struct IdleSetting: Sendable {
  /// The option, the variable, or the file with the key.
  public let name: String
  /// Why it has no effect.
  public let reason: String
}

/// Finds the settings that hold: default, then the YAML file, then the environment, then options.
public struct SettingResolution: Sendable {
  private let environment: [String: String]

  /// - Parameter environment: The variables of the environment.
  public init(environment: [String: String]) { self.environment = environment }

  /// The settings of a training run; with `--resume`, those that the run was started with.
  public func training(_ request: TrainingRequest) throws -> ResolvedSettings {
    let layers = try layers(of: request)
    let invocation = try ResolvedSettings(
      layers: layers.filter { $0.origin.isCall }.map { try $0.keeping([.invocation]) })
    if invocation.resume {
      let layout = try RunLayout.existing(at: invocation.run)
      return try usable(
        ResolvedSettings(
          resuming: SettingsLayer(yamlFile: layout.configPath),
          layers: layers.map { layer throws(SettingsError) in
            layer.origin == .environment ? try layer.keeping([.session, .invocation]) : layer
          }))
    }
    return try usable(Self.withAbsolutePaths(try ResolvedSettings(layers: layers)))
  }

  /// The settings of a training run with the layers that they come from, the last of which wins.
  public func shown(
    _ request: TrainingRequest
  ) throws -> (settings: ResolvedSettings, layers: [SettingsLayer]) {
    let layers = try layers(of: request)
    return (withCache(Self.withAbsolutePaths(try ResolvedSettings(layers: layers))), layers)
  }

  /// The same of a run that is there: what it was started with, and what would change if it were used
  /// now.
  public func shown(
    of layout: RunLayout, options: [(key: String, text: String)]
  ) throws -> (settings: ResolvedSettings, layers: [SettingsLayer]) {
    let layers = try useLayers(of: layout, options: options)
    return (withCache(try ResolvedSettings(layers: layers)), layers)
  }

  /// Settings that were given and have no effect beside the others. In a file, as that of an earlier
  /// run, only a value other than the default was meant to have one.
  ///
  /// - Throws: `SettingsError`.
  public func idleSettings(
    _ request: TrainingRequest, _ settings: ResolvedSettings
  ) throws -> [IdleSetting] {
    let layers = try layers(of: request)
    let usual = TrainingSettings(
      task: settings.task, model: settings.model, target: settings.targetRule)
    return Setting.all.compactMap { setting in
      let origin = layers.origin(of: setting.key)
      guard origin != .default, let reason = setting.idleness(in: settings.training) else {
        return nil
      }
      // A variable for all calls need not count in each.
      if origin == .environment, setting.scope != .run { return nil }
      if case .file = origin, setting.text(in: settings) == setting.text(in: usual) { return nil }
      let place = origin.place(of: setting) ?? ""
      let name = if case .file = origin { "\(place): \(setting.key)" } else { place }
      return IdleSetting(name: name, reason: reason)
    }
  }

  private func layers(of request: TrainingRequest) throws -> [SettingsLayer] {
    var flags = request.options
    if let data = request.data { flags.append(("data", data)) }
    try Self.requirePaths(flags)
    let file = try request.config.map(SettingsLayer.init(yamlFile:))
    let layers = [
      file, try SettingsLayer(environment: environment),
      try SettingsLayer(origin: .commandLine, values: flags.map(Self.absolute)),
    ].compactMap { $0 }
    func last(_ key: String) -> String {
      layers.flatMap(\.values).last { $0.key == key }?.text ?? ""
    }
    let earlier = last("continue")
    // A file of settings of a run that goes on has all that it needs.
    if !earlier.isEmpty, last("extends").isEmpty {
      return [try Self.continuedLayer(of: earlier)] + layers
    }
    let start = last("start_from")
    guard !start.isEmpty else { return layers }
    return [
      try Self.modelLayer(of: start),
      try Self.prunedLayer(of: start, keeping: last("keep_ratio")),
    ].compactMap { $0 } + layers
  }

  private static func withAbsolutePaths(_ settings: ResolvedSettings) -> ResolvedSettings {
    var settings = settings
    settings.data = Self.absolute(settings.data)
    settings.users = Self.absolute(settings.users)
    settings.items = Self.absolute(settings.items)
    settings.itemVectors = Self.absolute(settings.itemVectors)
    settings.startFrom = Self.absolute(settings.startFrom)
    settings.continueFrom = Self.absolute(settings.continueFrom)
    settings.teacher = Self.absolute(settings.teacher)
    settings.extends = settings.earlierLogs.map(Self.absolute).joined(separator: ",")
    return settings
  }

  /// The settings with which a finished run is used again: those of the run, with another device
  /// or output where the environment or a flag sets it.
  public func finished(
    _ layout: RunLayout, options: [(key: String, text: String)]
  ) throws -> ResolvedSettings {
    try Self.requirePaths(options)
    let environment = try SettingsLayer(environment: environment)
    return try usable(
      ResolvedSettings(
        resuming: SettingsLayer(yamlFile: layout.configPath),
        layers: [
          environment.keeping([.session, .invocation]),
          SettingsLayer(origin: .commandLine, values: options),
        ]))
  }

  /// The settings with which a run's model is used: those of the run, with other data, another way to
  /// read it, another device or output where the environment or a flag sets it.
  ///
  /// - Parameters:
  ///   - layout: The run directory.
  ///   - data: The log; that of the run when nil.
  ///   - options: Options by key, as text.
  public func use(
    of layout: RunLayout, data: String? = nil, options: [(key: String, text: String)]
  ) throws -> ResolvedSettings {
    // Another log extends nothing.
    try usable(
      ResolvedSettings(
        layers: useLayers(
          of: layout, options: options + (data.map { [("data", $0), ("extends", "")] } ?? []))))
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
  public func standalone(options: [(key: String, text: String)]) throws -> ResolvedSettings {
    try Self.requirePaths(options)
    return try usable(
      ResolvedSettings(layers: [
        SettingsLayer(environment: environment).keeping([.session, .invocation]),
        SettingsLayer(origin: .commandLine, values: options),
      ]))
  }

  /// The settings to work with. Where no kernel is built nothing else would find that the folder of
  /// kernels is wrong.
  ///
  /// - Throws: `OpenCLError.noSource` for an option `kernels` that names no folder of sources.
  private func usable(_ settings: ResolvedSettings) throws -> ResolvedSettings {
    let source = "\(settings.kernels)/prelude.cl"
    if settings.given.contains("kernels"), !FileManager.default.fileExists(atPath: source) {
      throw OpenCLError.noSource(path: source)
    }
    return withCache(settings)
  }

  /// The settings with the user's cache folder where none is named, and without one for `none`.
  private func withCache(_ settings: ResolvedSettings) -> ResolvedSettings {
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
    let keys = [
      "data", "users", "items", "item_vectors", "kernels", "table", "query", "start_from",
      "continue", "teacher",
    ]
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
    let paths = ["data", "users", "items", "item_vectors", "start_from", "continue", "teacher"]
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
  public var asPath: String {
    get throws {
      if isEmpty { throw DataError.missingFile(path: "") }
      return self
    }
  }
}

extension SettingOrigin {
  /// The path of the file, the name of the variable, or the option; nil for a default.
  public func place(of setting: Setting) -> String? {
    switch self {
    case .default: nil
    case .file(let path): path
    case .environment: setting.environmentName
    case .commandLine: setting.isFlag ? "--\(setting.flag)" : "argument"
    case .program: "program"
    }
  }

  /// Whether a value belongs to one call of the program, and stands in no file.
  fileprivate var isCall: Bool { self == .environment || self == .commandLine }
}
