import ClseqBase

/// Why settings were refused. The command line ends with status 64
/// for each, 66 for a file that cannot be read.
public enum SettingsError: Error, Equatable, Sendable, CustomStringConvertible {
  /// No setting has this key: where it stood, and the nearest known key.
  case unknownKey(String, nearest: String?, origin: SettingOrigin)
  /// A value of the wrong kind or out of range.
  case badValue(key: String, value: String, expected: String, origin: SettingOrigin)
  /// The key may not stand there, or may not change when a run is resumed.
  case notAllowed(key: String, reason: String, origin: SettingOrigin)
  /// The text is not a YAML mapping of keys to plain values.
  case malformed(origin: SettingOrigin, reason: String)
  /// The file of settings cannot be read.
  case unreadable(path: String, reason: String)
  /// Values that are right alone and wrong together.
  case doNotFit(String)

  /// Where it stood, the key, the value and what was expected.
  public var description: String {
    switch self {
    case .unknownKey(let key, let nearest, let origin):
      "\(origin): unknown key '\(key)'" + (nearest.map { "; did you mean '\($0)'?" } ?? "")
    case .badValue(let key, let value, let expected, let origin):
      "\(origin.place(of: key)) is '\(value)', expected \(expected)"
    case .notAllowed(let key, let reason, let origin): "\(origin.place(of: key)) \(reason)"
    case .malformed(let origin, let reason): "\(origin): \(reason)"
    case .unreadable(let path, let reason): "\(path): \(reason)"
    case .doNotFit(let reason): reason
    }
  }
}

/// Where a setting's value came from.
public enum SettingOrigin: Equatable, Sendable, CustomStringConvertible {
  /// Nowhere: it is the default, perhaps that of the task or the model.
  case `default`
  /// A YAML file, by its path.
  case file(String)
  /// A variable that begins with `CLSEQ_`.
  case environment
  /// An option or an argument.
  case commandLine
  /// A program that uses the library.
  case program

  /// The setting at its place: the file's path and the key, the variable, or the option.
  func place(of key: String) -> String {
    guard let setting = Setting.named(key) else { return "\(self): \(key)" }
    return switch self {
    case .default, .file, .program: "\(self): \(key)"
    case .environment: setting.environmentName
    case .commandLine: setting.isFlag ? "--\(setting.flag)" : key
    }
  }

  /// The file's path, or words for the place.
  public var description: String {
    switch self {
    case .default: "default"
    case .file(let path): path
    case .environment: "environment"
    case .commandLine: "command line"
    case .program: "program"
    }
  }
}
