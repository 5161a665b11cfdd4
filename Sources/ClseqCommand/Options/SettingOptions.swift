import ArgumentParser
import Clseq

/// Which settings a command takes.
protocol SettingSubset {
  static var paths: [any SettingPath] { get }
}

extension SettingSubset {
  /// The settings without some.
  static func paths(without others: [any SettingPath]) -> [any SettingPath] {
    paths.filter { path in !others.contains { $0 as PartialKeyPath == path } }
  }
}

/// Every setting that has an option.
enum AllSettings: SettingSubset {
  static let paths = Setting.all.filter(\.isFlag).map(\.path)
}

/// What a command needs that uses a device but trains nothing.
enum DeviceSettings: SettingSubset {
  static let paths: [any SettingPath] =
    [\.device, \.tuning, \.memory, \.kernels, \.profile] + OutputSettings.paths
}

/// What a command needs that reads a log and prints.
enum ReadingSettings: SettingSubset {
  static let paths: [any SettingPath] =
    [
      \.dataFormat, \.userColumn, \.itemColumn, \.typeColumn, \.timeColumn, \.endColumn,
      \.labelColumn, \.sessionColumn, \.sessionGap, \.missing, \.timeFormat, \.timesBetween,
      \.table, \.query, \.skipBad, \.users, \.items, \.attributeKinds, \.cache,
    ] + OutputSettings.paths
}

/// What a command needs that reads a log and trains a small network on its daily counts.
enum ForecastSettings: SettingSubset {
  static let ofNetworks: [any SettingPath] = [
    \.seed, \.device, \.tuning, \.memory, \.kernels,
  ]
  static let paths: [any SettingPath] = ReadingSettings.paths + ofNetworks
}

/// What a command needs that reads a log and splits it.
enum SplittingSettings: SettingSubset {
  static let paths: [any SettingPath] =
    ReadingSettings.paths + [\.splitBy, \.validationFrom, \.testFrom, \.splitSeed]
}

/// What a command needs that scores a run.
enum EvaluationSettings: SettingSubset {
  static let paths: [any SettingPath] = DeviceSettings.paths + [\.users, \.items, \.attributeKinds]
}

/// What a command needs that uses a run's model on a log.
enum PredictionSettings: SettingSubset {
  static let paths: [any SettingPath] =
    ReadingSettings.paths(without: [\.items] + OutputSettings.paths)
    + DeviceSettings.paths(without: [\.format])
}

/// What a command needs that uses a run's model on a history.
enum RecommendationSettings: SettingSubset {
  static let paths: [any SettingPath] = DeviceSettings.paths + [\.items, \.itemColumn]
}

/// What a command needs that says why a run's model predicts what it does.
enum ExplanationSettings: SettingSubset {
  static let paths: [any SettingPath] = PredictionSettings.paths + [\.items, \.format]
}

/// What a command needs that compares users by a run's vectors of items, without a device.
enum SimilaritySettings: SettingSubset {
  static let paths: [any SettingPath] =
    ExplanationSettings.paths(without: [\.device, \.tuning, \.memory, \.kernels, \.profile])
}

/// What every command takes that prints a result.
enum OutputSettings: SettingSubset {
  static let paths: [any SettingPath] = [\.format, \.logFormat, \.quiet, \.verbose]
}

/// What every command takes that prints no table: how standard error is written.
enum DiagnosticSettings: SettingSubset {
  static let paths: [any SettingPath] = [\.logFormat, \.quiet, \.verbose]
}

/// An option for each setting of a subset, made from ``Setting/all``.
///
/// Values are taken as text; the settings' own kinds read and check them, so that a wrong value
/// gives the same error from a file, from the environment and from here. ArgumentParser learns
/// its arguments from a type's mirror, and decodes each under its label: both follow the table.
struct SettingOptions<Subset: SettingSubset>: ParsableArguments, CustomReflectable {
  /// The options that were given, with their text.
  private(set) var values: [(key: String, text: String)] = []

  init() {}

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    for setting in Self.settings {
      let key = Key(stringValue: setting.key)
      if setting.valueName == nil {
        if try container.decode(Flag<Bool>.self, forKey: key).wrappedValue {
          values.append((setting.key, "true"))
        }
      } else if let text = try container.decode(Option<String?>.self, forKey: key).wrappedValue {
        values.append((setting.key, text))
      }
    }
  }

  var customMirror: Mirror {
    Mirror(self, children: Self.settings.map { (label: "_" + $0.key, value: Self.argument($0)) })
  }

  private static var settings: [Setting] { Subset.paths.map(Setting.at) }

  private static func argument(_ setting: Setting) -> Any {
    var names: [NameSpecification.Element] = [.customLong(setting.flag)]
    if let letter = setting.letter { names.append(.customShort(letter)) }
    let name = NameSpecification(names)
    let basis = HelpBasis.current
    let visibility = basis.shows(setting) ? ArgumentVisibility.default : .hidden
    guard let valueName = setting.valueName else {
      return Flag(
        wrappedValue: false, name: name,
        help: ArgumentHelp("\(setting.help)", visibility: visibility))
    }
    let normal = setting.text(in: basis.defaults)
    let suffix = normal.isEmpty ? "" : " (default: \(normal))"
    return Option<String?>(
      name: name, parsing: setting.isText ? .next : .unconditional,
      help: ArgumentHelp(
        "\(setting.help)\(suffix)", valueName: valueName, visibility: visibility),
      completion: completion(of: setting))
  }

  /// What a shell offers for the value, by the kind and the placeholder.
  private static func completion(of setting: Setting) -> CompletionKind? {
    switch setting.valueName {
    case "file", "log": .file()
    case "folder", "path": .directory
    default: setting.choices.isEmpty ? nil : .list(setting.choices)
    }
  }

  private struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }
}
