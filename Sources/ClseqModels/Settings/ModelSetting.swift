public import ClseqBase

/// A setting of one or several models: its key, default and help, and how its values are written.
///
/// A model's file lists the settings that the model has; ``ModelKind/settings``. A setting of one model
/// alone stands in that file, one of several in `SharedSettings.swift`. The option of the command line,
/// the key in YAML and the environment variable follow from the key.
public struct ModelSetting<Value: Hashable & Sendable>: Sendable {
  /// The key in YAML, in snake case.
  public let key: String
  /// The default, for models that state no other.
  public let defaultValue: Value
  /// How values are written.
  public let form: ValueForm<Value>
  /// A phrase for the help.
  public let help: String

  /// Declares a setting.
  public init(_ key: String, _ defaultValue: Value, _ form: ValueForm<Value>, _ help: String) {
    (self.key, self.defaultValue, self.form, self.help) = (key, defaultValue, form, help)
  }
}

/// Values of settings of models, by key. Equal keys mean equal settings in all models.
public struct ModelValues: Equatable, Sendable {
  private var values: [String: any Hashable & Sendable] = [:]

  /// No values.
  public init() {}

  /// The value that was set; nil where none was.
  public subscript<Value>(setting: ModelSetting<Value>) -> Value? {
    get { values[setting.key] as? Value }
    set { values[setting.key] = newValue }
  }

  /// These values, and those of `others` for all other keys.
  public func over(_ others: ModelValues) -> ModelValues {
    var result = self
    result.values.merge(others.values) { own, _ in own }
    return result
  }

  /// Whether both hold the same values.
  public static func == (left: ModelValues, right: ModelValues) -> Bool {
    left.values.mapValues { AnyHashable($0) } == right.values.mapValues { AnyHashable($0) }
  }
}

/// A setting as one model has it, perhaps with a default of its own.
public struct OwnedSetting: Sendable {
  /// The key in YAML.
  public let key: String
  /// A phrase for the help.
  public let help: String
  /// The valid values, for messages.
  public let expected: String
  /// The value's placeholder in the help; nil for a switch.
  public let placeholder: String?
  /// All values, where they can be listed.
  public let choices: [String]
  /// Whether values are text, and neither numbers nor switches.
  public let isText: Bool
  /// Sets a value from its text; false for a text that is not as ``expected``.
  public let set: @Sendable (_ text: String, _ values: inout ModelValues) -> Bool
  /// The value, else the default, as text.
  public let text: @Sendable (_ values: ModelValues) -> String
  let setDefault: @Sendable (inout ModelValues) -> Void

  /// - Parameters:
  ///   - setting: The setting.
  ///   - own: The model's default; nil for that of the setting.
  public init<Value>(_ setting: ModelSetting<Value>, default own: Value? = nil) {
    let (form, normal) = (setting.form, own ?? setting.defaultValue)
    (key, help, expected) = (setting.key, setting.help, form.expected)
    (placeholder, choices, isText) = (form.placeholder, form.choices, form.isText)
    set = { text, values in
      guard let value = form.parse(text) else { return false }
      values[setting] = value
      return true
    }
    text = { form.text($0[setting] ?? normal) }
    setDefault = { $0[setting] = normal }
  }
}
