import ClseqBase
import ClseqData
import ClseqModels

/// A property of the settings.
public typealias SettingPath = PartialKeyPath<ResolvedSettings> & Sendable

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
  public let choices: [String]
  /// A letter that stands for the option too.
  public let letter: Character?
  /// False for the one setting that is a plain argument on the command line.
  public let isFlag: Bool

  /// Whether values are text, and not numbers or switches.
  public let isText: Bool
  /// Whether it belongs to models, some of which may not have it.
  public let isOfModels: Bool
  /// Whether every model has it.
  public var isOfEveryModel: Bool {
    isOfModels && ModelCatalog.models(with: key).count == ModelCatalog.all.count
  }

  let assign: @Sendable (String, inout ResolvedSettings) -> Bool
  let show: @Sendable (ResolvedSettings) -> String

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
    _ text: String, in settings: inout ResolvedSettings, origin: SettingOrigin
  ) throws(SettingsError) {
    guard assign(text, &settings) else {
      throw .badValue(key: key, value: text, expected: expected, origin: origin)
    }
  }

  /// The value as text that `set(_:in:origin:)` takes back.
  public func text(in settings: ResolvedSettings) -> String { show(settings) }

  /// The value as text, of an option of the call the default.
  public func text(in settings: TrainingSettings) -> String { show(ResolvedSettings(settings)) }

  /// The value as a YAML scalar.
  func yaml(in settings: TrainingSettings) -> String {
    isText ? Self.quoted(text(in: settings)) : text(in: settings)
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
  typealias Path<Value> = WritableKeyPath<ResolvedSettings, Value> & Sendable

  /// A setting of a property whose values have a form.
  init<Value: Sendable>(
    _ key: String, _ path: any Path<Value>, _ form: ValueForm<Value>, _ help: String,
    _ scope: Scope = .run, letter: Character? = nil, isFlag: Bool = true
  ) {
    (self.key, self.path, self.help, self.scope) = (key, path, help, scope)
    (expected, valueName, choices) = (form.expected, form.placeholder, form.choices)
    (self.letter, self.isFlag, isText, isOfModels) = (letter, isFlag, form.isText, false)
    assign = { text, settings in
      guard let value = form.parse(text) else { return false }
      settings[keyPath: path] = value
      return true
    }
    show = { form.text($0[keyPath: path]) }
  }

  /// A setting of models, with the default of the model that is set.
  init(_ setting: OwnedSetting) {
    let key = setting.key
    (self.key, help, scope) = (key, setting.help, .run)
    path = \ResolvedSettings.[modelSetting: key]
    (expected, valueName, choices) = (setting.expected, setting.placeholder, setting.choices)
    (letter, isFlag, isText, isOfModels) = (nil, true, setting.isText, true)
    assign = { setting.set($0, &$1.training.modelValues) }
    show = { $0[modelSetting: key] ?? setting.text($0.training.modelValues) }
  }

  static func integer<Value: FixedWidthInteger & Sendable>(
    _ key: String, _ path: any Path<Value>, _ range: ClosedRange<Value>, _ help: String,
    _ scope: Scope = .run
  ) -> Setting {
    Setting(key, path, .integer(range), help, scope)
  }

  static func tolerance(
    _ key: String, _ path: any Path<FaultTolerance>, _ help: String
  ) -> Setting {
    Setting(
      key, path,
      ValueForm(
        expected: "a count, a share such as 1%, or all", placeholder: "count|share|all",
        isText: true, parse: { FaultTolerance($0) }, text: \.text), help)
  }

  static func number(
    _ key: String, _ path: any Path<Double>, _ range: Range<Double>, _ help: String,
    _ scope: Scope = .run
  ) -> Setting {
    Setting(key, path, .number(range), help, scope)
  }

  static func choice<Value: RawRepresentable & CaseIterable & Sendable>(
    _ key: String, _ path: any Path<Value>, _ help: String, _ scope: Scope = .run
  ) -> Setting where Value.RawValue == String {
    Setting(key, path, .choice, help, scope)
  }

  static func text(
    _ key: String, _ path: any Path<String>, _ placeholder: String, isFlag: Bool = true,
    _ help: String, _ scope: Scope = .run
  ) -> Setting {
    Setting(key, path, .text(placeholder), help, scope, isFlag: isFlag)
  }

  static func toggle(
    _ key: String, letter: Character? = nil, _ path: any Path<Bool>, _ help: String,
    _ scope: Scope
  ) -> Setting {
    Setting(key, path, .toggle, help, scope, letter: letter)
  }

  /// `epoch`, a number of steps, or a number with the unit `s`, `m`, `h` or `d`.
  static func interval(
    _ key: String, _ path: any Path<CheckpointInterval>, _ help: String, _ scope: Scope
  ) -> Setting {
    Setting(
      key, path,
      ValueForm(
        expected: "epoch, a number of steps, or a number with the unit s, m, h or d",
        placeholder: "interval", isText: true, parse: { CheckpointInterval($0) },
        text: \.description), help, scope)
  }

  /// Bytes, or a number with the unit KB, MB, GB (powers of 1000) or KiB, MiB, GiB (of 1024).
  static func byteCount(
    _ key: String, _ path: any Path<Int>, _ help: String, _ scope: Scope
  ) -> Setting {
    let units = [
      ("KiB", 0x1p10), ("MiB", 0x1p20), ("GiB", 0x1p30), ("KB", 1e3), ("MB", 1e6), ("GB", 1e9),
    ]
    return Setting(
      key, path,
      ValueForm(
        expected: "bytes, or a number with the unit KB, MB, GB, KiB, MiB or GiB",
        placeholder: "bytes", isText: false,
        parse: { text in
          let unit = units.first { text.hasSuffix($0.0) }
          let digits = text.dropLast(unit?.0.count ?? 0)
          guard let number = Double(digits), case let value = number * (unit?.1 ?? 1),
            (0..<0x1p62).contains(value)
          else { return nil }
          return Int(value)
        }, text: { String($0) }), help, scope)
  }
}

extension ResolvedSettings {
  /// A setting of the model by its key, as text; nil where the model does not have it.
  fileprivate subscript(modelSetting key: String) -> String? {
    training.model.kind?.settings.first { $0.key == key }?.text(training.modelValues)
  }
}
