import ClseqBase
import ClseqData
import Foundation
import Yams

/// Values for some of the settings, from one place. Later layers win over earlier ones.
public struct SettingsLayer: Sendable {
  /// Where the values stood.
  public let origin: SettingOrigin
  /// Keys of ``Setting/all`` with their values as text.
  public let values: [(key: String, text: String)]

  /// - Throws: ``SettingsError/unknownKey(_:nearest:origin:)``, or
  ///   ``SettingsError/notAllowed(key:reason:origin:)``.
  public init(
    origin: SettingOrigin, values: [(key: String, text: String)]
  ) throws(SettingsError) {
    for (key, _) in values where Setting.named(key) == nil {
      let nearest = nearest(to: key, among: Setting.all.map(\.key))
      throw .unknownKey(key, nearest: nearest, origin: origin)
    }
    self.origin = origin
    self.values = values
  }

  /// The settings of a YAML file.
  ///
  /// - Throws: ``SettingsError/unreadable(path:reason:)`` and whatever ``init(yaml:path:)`` throws.
  public init(yamlFile path: String) throws(SettingsError) {
    let text: String
    do {
      text = try String(contentsOf: URL(fileURLWithPath: path), encoding: .utf8)
    } catch {
      throw .unreadable(path: path, reason: FileError.reason(of: error))
    }
    try self.init(yaml: text, path: path)
  }

  /// The settings of a YAML text: one mapping from keys to plain values.
  ///
  /// - Parameters:
  ///   - text: the text of the file.
  ///   - path: names the text in messages.
  public init(yaml text: String, path: String) throws(SettingsError) {
    let origin = SettingOrigin.file(path)
    let root: Node?
    do { root = try Yams.compose(yaml: text) } catch {
      throw .malformed(origin: origin, reason: "not YAML: \(error)")
    }
    var values: [(key: String, text: String)] = []
    if let root {
      guard let mapping = root.mapping else {
        throw .malformed(origin: origin, reason: "expected lines of 'key: value'")
      }
      for (key, value) in mapping {
        guard let key = key.scalar?.string else {
          throw .malformed(origin: origin, reason: "expected lines of 'key: value'")
        }
        guard let scalar = value.scalar else {
          let expected = Setting.named(key)?.expected ?? "a plain value"
          let found = value.mapping == nil ? "a list" : "a mapping"
          throw .badValue(key: key, value: found, expected: expected, origin: origin)
        }
        values.append((key, value.null == nil ? scalar.string : ""))
      }
    }
    try self.init(origin: origin, values: Self.upgraded(values))
    for (key, _) in values where Setting.named(key)?.scope == .invocation {
      throw .notAllowed(key: key, reason: "belongs on the command line only", origin: origin)
    }
  }

  /// The values of a file that an earlier version saved with a run, or made as a template, which has
  /// most settings but not the newest: durations stood there as seconds, and the seed chose the users
  /// of a split too.
  private static func upgraded(
    _ values: [(key: String, text: String)]
  ) -> [(key: String, text: String)] {
    let isOld = values.count > 40 && !values.contains { $0.key == "split_seed" }
    guard isOld else { return values }
    let seed = values.filter { $0.key == "seed" }.map { ("split_seed", $0.text) }
    let durations: Set = ["horizon", "session_gap", "max_time"]
    return values.map { key, text in
      (key, durations.contains(key) && Double(text) ?? 0 != 0 ? "\(text)s" : text)
    } + seed
  }

  /// The settings among environment variables: those that begin with `CLSEQ_`.
  public init(environment: [String: String]) throws(SettingsError) {
    let prefix = Setting.environmentPrefix
    let values =
      environment
      .filter { $0.key.hasPrefix(prefix) && !$0.value.isEmpty }
      .map { (key: $0.key.dropFirst(prefix.count).lowercased(), text: $0.value) }
      .sorted { $0.key < $1.key }
    try self.init(origin: .environment, values: values)
  }

  /// The part of the layer whose settings have one of `scopes`.
  public func keeping(_ scopes: [Setting.Scope]) throws(SettingsError) -> SettingsLayer {
    let kept = values.filter { Setting.named($0.key).map { scopes.contains($0.scope) } ?? false }
    return try SettingsLayer(origin: origin, values: kept)
  }
}

extension ResolvedSettings {
  /// The defaults of the task and the model that layers name, with the layers applied in order,
  /// checked as a whole.
  ///
  /// - Throws: ``SettingsError`` for a value that is wrong alone or together with others.
  public init(layers: [SettingsLayer]) throws(SettingsError) {
    func last(_ key: String) -> String? {
      layers.flatMap(\.values).last { $0.key == key }?.text
    }
    self.init(
      TrainingSettings(
        task: last("task").flatMap { TaskKind(rawValue: $0) } ?? .nextItem,
        model: last("model").flatMap { ModelChoice(rawValue: $0) },
        target: last("target").flatMap { TargetRule($0) }))
    for layer in layers { try apply(layer) }
    try validate()
  }

  /// The settings of a run to be resumed: those it was started with, and layers that may change
  /// only what ``Setting/Scope/session`` and ``Setting/Scope/invocation`` allow.
  ///
  /// - Parameters:
  ///   - saved: the run's `config.yaml`.
  ///   - layers: further layers, the strongest last.
  /// - Throws: ``SettingsError/notAllowed(key:reason:origin:)`` where a layer would change the run.
  public init(resuming saved: SettingsLayer, layers: [SettingsLayer]) throws(SettingsError) {
    self.init()
    try apply(saved)
    let original = self
    for layer in layers {
      try apply(layer)
      for setting in Setting.all
      where setting.scope == .run && setting.text(in: self) != setting.text(in: original) {
        let value = setting.text(in: original)
        throw .notAllowed(
          key: setting.key, reason: "cannot change when a run is resumed: it is '\(value)'",
          origin: layer.origin)
      }
    }
    try validate()
  }
}

extension TrainingSettings {
  /// As `ResolvedSettings.init(layers:)`, without the options of the call.
  ///
  /// - Throws: ``SettingsError`` for a value that is wrong alone or together with others.
  public init(layers: [SettingsLayer]) throws(SettingsError) {
    self = try ResolvedSettings(layers: layers).training
  }

  /// As `ResolvedSettings.init(resuming:layers:)`, without the options of the call.
  ///
  /// - Throws: ``SettingsError/notAllowed(key:reason:origin:)`` where a layer would change the run.
  public init(resuming saved: SettingsLayer, layers: [SettingsLayer]) throws(SettingsError) {
    self = try ResolvedSettings(resuming: saved, layers: layers).training
  }

  /// The text of `config.yaml`: every setting that is saved with a run, of the models' settings those
  /// of its model.
  public var yaml: String {
    Setting.all(of: self)
      .filter { $0.scope != .invocation }
      .map { "\($0.key): \($0.yaml(in: self))\n" }
      .joined()
  }
}

extension Sequence<SettingsLayer> {
  /// Where the value of a setting comes from, which is the last layer that has one.
  public func origin(of key: String) -> SettingOrigin {
    reduce(.default) { origin, layer in
      layer.values.contains { $0.key == key } ? layer.origin : origin
    }
  }
}
