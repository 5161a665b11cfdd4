import ClseqData
/// A property of the settings.
public typealias SettingPath = PartialKeyPath<TrainingSettings> & Sendable

/// One setting: its names, its help, and how its text becomes a value and back.
///
/// The flag, the key in YAML and the environment variable all follow from ``key``, and the
/// command line's options are made from ``all``: a new setting is a property of
/// ``TrainingSettings`` and one line here.
public struct Setting: Sendable {
  /// How long a value is meant to last.
  public enum Scope: Sendable {
    /// Saved with the run; may not change when the run is resumed.
    case run
    /// Saved with the run; may change when the run is resumed.
    case session
    /// Belongs to one call of the program and is never saved.
    case invocation
  }

  /// The key in YAML, in snake case.
  public let key: String
  /// The property that is set.
  public let path: any SettingPath
  /// A phrase for the help.
  public let help: String
  /// How long the value is meant to last.
  public let scope: Scope
  /// What a value must be, for messages: "an integer from 1 to 100".
  public let expected: String
  /// The value's placeholder in the help, nil for a switch that takes none.
  public let valueName: String?
  /// The values that there are; empty where they cannot be listed.
  public private(set) var choices: [String] = []
  /// A letter that stands for the option too.
  public let letter: Character?
  /// False for the one setting that is a plain argument on the command line.
  public let isFlag: Bool

  /// Whether values are text, and not numbers or switches.
  public let isText: Bool
  let assign: @Sendable (String, inout TrainingSettings) -> Bool
  let show: @Sendable (TrainingSettings) -> String

  /// The name of the option on the command line, without its dashes.
  public var flag: String { key.replacing("_", with: "-") }

  /// The name of the environment variable.
  public var environmentName: String { Self.environmentPrefix + key.uppercased() }

  /// What every environment variable of clseq begins with.
  public static let environmentPrefix = "CLSEQ_"

  /// Sets the value from its text.
  ///
  /// - Throws: ``SettingsError/badValue(key:value:expected:origin:)``.
  func set(
    _ text: String, in settings: inout TrainingSettings, origin: SettingOrigin
  ) throws(SettingsError) {
    guard assign(text, &settings) else {
      throw .badValue(key: key, value: text, expected: expected, origin: origin)
    }
  }

  /// The value as text that `set(_:in:origin:)` takes back.
  public func text(in settings: TrainingSettings) -> String { show(settings) }

  /// The value as a YAML scalar.
  func yaml(in settings: TrainingSettings) -> String {
    isText ? Self.quoted(show(settings)) : show(settings)
  }

  /// A double-quoted YAML scalar.
  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": result += "\\\(scalar)"
      case "\0"..<" ", "\u{7F}"..."\u{9F}", "\u{2028}", "\u{2029}":
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}

// MARK: - Kinds

extension Setting {
  typealias Path<Value> = WritableKeyPath<TrainingSettings, Value> & Sendable

  static func integer<Value: FixedWidthInteger & Sendable>(
    _ key: String, _ path: any Path<Value>, _ range: ClosedRange<Value>, _ help: String,
    _ scope: Scope = .run
  ) -> Setting {
    Setting(
      key: key, path: path, help: help, scope: scope,
      expected: range.upperBound == .max
        ? "an integer from \(range.lowerBound)"
        : "an integer from \(range.lowerBound) to \(range.upperBound)",
      valueName: "integer", letter: nil, isFlag: true, isText: false,
      assign: { text, settings in
        guard let value = Value(text), range.contains(value) else { return false }
        settings[keyPath: path] = value
        return true
      }, show: { String($0[keyPath: path]) })
  }

  static func tolerance(
    _ key: String, _ path: any Path<FaultTolerance>, _ help: String
  ) -> Setting {
    Setting(
      key: key, path: path, help: help, scope: .run,
      expected: "a count, a share such as 1%, or all",
      valueName: "count|share|all", letter: nil, isFlag: true, isText: true,
      assign: { text, settings in
        guard let value = FaultTolerance(text) else { return false }
        settings[keyPath: path] = value
        return true
      }, show: { $0[keyPath: path].text })
  }

  static func number(
    _ key: String, _ path: any Path<Double>, _ range: Range<Double>, _ help: String,
    _ scope: Scope = .run
  ) -> Setting {
    Setting(
      key: key, path: path, help: help, scope: scope,
      expected: range.upperBound == .infinity
        ? "a number from \(brief(range.lowerBound))"
        : "a number from \(brief(range.lowerBound)) to below \(brief(range.upperBound))",
      valueName: "number", letter: nil, isFlag: true, isText: false,
      assign: { text, settings in
        guard let value = Double(text), range.contains(value) else { return false }
        settings[keyPath: path] = value
        return true
      }, show: { brief($0[keyPath: path]) })
  }

  static func choice<Value: RawRepresentable & CaseIterable & Sendable>(
    _ key: String, _ path: any Path<Value>, _ help: String, _ scope: Scope = .run
  ) -> Setting where Value.RawValue == String {
    let names = Value.allCases.map(\.rawValue)
    return Setting(
      key: key, path: path, help: help, scope: scope,
      expected: names.count == 1
        ? "'\(names[0])'" : "one of " + names.map { "'\($0)'" }.joined(separator: ", "),
      valueName: names.joined(separator: "|"), choices: names, letter: nil, isFlag: true,
      isText: true,
      assign: { text, settings in
        guard let value = Value(rawValue: text) else { return false }
        settings[keyPath: path] = value
        return true
      }, show: { $0[keyPath: path].rawValue })
  }

  static func text(
    _ key: String, _ path: any Path<String>, _ valueName: String, isFlag: Bool = true,
    _ help: String, _ scope: Scope = .run
  ) -> Setting {
    Setting(
      key: key, path: path, help: help, scope: scope, expected: "text", valueName: valueName,
      letter: nil,
      isFlag: isFlag, isText: true,
      assign: { text, settings in
        settings[keyPath: path] = text
        return true
      }, show: { $0[keyPath: path] })
  }

  static func toggle(
    _ key: String, letter: Character? = nil, _ path: any Path<Bool>, _ help: String,
    _ scope: Scope
  ) -> Setting {
    Setting(
      key: key, path: path, help: help, scope: scope, expected: "'true' or 'false'", valueName: nil,
      letter: letter, isFlag: true, isText: false,
      assign: { text, settings in
        guard let value = Bool(text) else { return false }
        settings[keyPath: path] = value
        return true
      }, show: { String($0[keyPath: path]) })
  }

  /// `epoch`, a number of steps, or a number with the unit `s`, `m`, `h` or `d`.
  static func interval(
    _ key: String, _ path: any Path<CheckpointInterval>, _ help: String, _ scope: Scope
  ) -> Setting {
    Setting(
      key: key, path: path, help: help, scope: scope,
      expected: "epoch, a number of steps, or a number with the unit s, m, h or d",
      valueName: "interval", letter: nil, isFlag: true, isText: true,
      assign: { text, settings in
        guard let value = CheckpointInterval(text) else { return false }
        settings[keyPath: path] = value
        return true
      }, show: { $0[keyPath: path].description })
  }

  /// Bytes, or a number with the unit KB, MB, GB (powers of 1000) or KiB, MiB, GiB (of 1024).
  static func byteCount(
    _ key: String, _ path: any Path<Int>, _ help: String, _ scope: Scope
  ) -> Setting {
    scaled(
      key, path, scope, "bytes", "bytes, or a number with the unit KB, MB, GB, KiB, MiB or GiB",
      help,
      units: [
        ("KiB", 0x1p10), ("MiB", 0x1p20), ("GiB", 0x1p30), ("KB", 1e3), ("MB", 1e6), ("GB", 1e9),
      ], assign: { $1[keyPath: path] = Int($0) }, show: { String($0[keyPath: path]) })
  }

  private static func scaled(
    _ key: String, _ path: any SettingPath, _ scope: Scope, _ valueName: String, _ expected: String,
    _ help: String,
    units: [(suffix: String, factor: Double)],
    assign: @escaping @Sendable (Double, inout TrainingSettings) -> Void,
    show: @escaping @Sendable (TrainingSettings) -> String
  ) -> Setting {
    Setting(
      key: key, path: path, help: help, scope: scope, expected: expected, valueName: valueName,
      letter: nil,
      isFlag: true, isText: false,
      assign: { text, settings in
        let unit = units.first { text.hasSuffix($0.suffix) }
        let digits = text.dropLast(unit?.suffix.count ?? 0)
        guard let number = Double(digits), case let value = number * (unit?.factor ?? 1),
          (0..<0x1p62).contains(value)
        else { return false }
        assign(value, &settings)
        return true
      }, show: show)
  }

  /// A number without a fraction of zero.
  static func brief(_ value: Double) -> String {
    Int(exactly: value).map { String($0) } ?? String(value)
  }
}
