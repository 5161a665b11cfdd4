import Clseq

/// Warnings of options that were given and have no effect. A file that such an option names is read and
/// checked all the same.
extension Console {
  /// Warns of settings of a training.
  static func warnOfIdleSettings(
    _ resolution: SettingResolution, _ request: TrainingRequest, _ settings: ResolvedSettings
  ) throws {
    for idle in try resolution.idleSettings(request, settings) {
      warn("\(idle.name) \(idle.reason)", settings)
    }
  }

  /// Warns of options about the device for the use of a run that needs none.
  static func warnOfIdleOptions(_ settings: ResolvedSettings) {
    for setting in DeviceSettings.paths.map(Setting.at) where settings.given.contains(setting.key) {
      guard let reason = setting.idleness(in: settings.training) else { continue }
      warn("--\(setting.flag) \(reason)", settings)
    }
  }

  /// Warns of options about rankings for a model that ranks no items.
  static func warnOfIdleRanking(
    _ options: [(option: String, isGiven: Bool)], _ settings: ResolvedSettings
  ) {
    guard let reason = Setting.named("seen")?.idleness(in: settings.training) else { return }
    for option in options where option.isGiven { warn("\(option.option) \(reason)", settings) }
  }

  /// Warns of a table of users for a model that takes nothing from it.
  static func warnOfIdleUsers(
    _ run: TrainedRun, withTruth: Bool, _ settings: ResolvedSettings
  ) {
    guard settings.given.contains("users"), !run.takesUserAttributes(withTruth: withTruth) else {
      return
    }
    warn("--users has no effect: it is for models that take attributes of users", settings)
  }
}

extension ResolvedSettings {
  /// How a log is read, beside the names and faults that tables have too.
  private static let ofLogs = [
    "data_format", "type_column", "time_column", "end_column", "label_column", "session_column",
    "missing", "time_format", "times_between", "table", "query",
  ]

  /// Warns of options that say how a log is read where a prepared dataset is mapped.
  func warnOfIdleReading() throws {
    var keys = Self.ofLogs
    if self.users.isEmpty { keys.append("user_column") }
    if self.items.isEmpty { keys.append("item_column") }
    if self.users.isEmpty, self.items.isEmpty { keys.append("skip_bad") }
    let idle = keys.filter(given.contains)
    guard !idle.isEmpty, try SequenceDataset.manifest(of: self.data) != nil else { return }
    for setting in idle.compactMap(Setting.named) {
      Console.warn(
        "--\(setting.flag) has no effect: it is for logs, and \(self.data) is a dataset", self)
    }
  }
}
