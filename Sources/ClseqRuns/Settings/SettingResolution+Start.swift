import ClseqModels
import ClseqSettings

extension SettingResolution {
  /// The settings of a run's model, which hold for a run that starts from it where nothing else is said.
  static func modelLayer(of run: String) throws -> SettingsLayer {
    let layout = try RunLayout.existing(at: run)
    let saved = try SettingsLayer(yamlFile: layout.configPath)
    return try SettingsLayer(
      origin: saved.origin,
      values: saved.values.filter { key, _ in
        ["model", "max_length"].contains(key) || Setting.named(key)?.isOfModels ?? false
      })
  }

  /// The shape that a share of the weights of a run's model makes, which holds over that of the run; nil where all
  /// weights stay.
  ///
  /// - Parameters:
  ///   - run: The run directory.
  ///   - share: The share as text; a wrong one is refused where it is set.
  /// - Throws: ``SettingsError/doNotFit(_:)`` for a model without blocks, or a share that is too small.
  static func prunedLayer(of run: String, keeping share: String) throws -> SettingsLayer? {
    guard let share = Double(share), 0..<1 ~= share else { return nil }
    let layout = try RunLayout.existing(at: run)
    return try SettingsLayer(
      origin: .file(layout.configPath),
      values: layout.settings().pruned(keeping: share).values)
  }

  /// The settings of a run, which hold for a run that goes on from it where nothing else is said; its log is
  /// the one that the new log extends.
  static func continuedLayer(of run: String) throws -> SettingsLayer {
    let layout = try RunLayout.existing(at: run)
    let settings = try layout.settings()
    guard !settings.hasAdapters else {
      throw SettingsError.doNotFit(
        "\(run) has adapters alone, which a run that goes on cannot take over: merge them into its weights by "
          + "'clseq finetune --merge \(run)', and go on from that run")
    }
    guard !settings.data.isEmpty, settings.data != "-" else {
      throw SettingsError.doNotFit(
        "\(run) was trained on \(settings.data.isEmpty ? "the built-in log" : "standard input"), which "
          + "cannot be read again: a run that goes on needs the log of the earlier one")
    }
    guard !settings.data.contains(",") else {
      throw SettingsError.doNotFit(
        "the path of the log of \(run), '\(settings.data)', has a comma, which separates the logs of "
          + "extends: move the log and name it by --extends")
    }
    // A teacher knows the items of the earlier log.
    let own: Set = [
      "data", "extends", "continue", "start_from", "frozen", "layer_rate", "keep_ratio",
      "lora_rank", "lora_alpha", "teacher", "teacher_weight", "teacher_temperature",
    ]
    let saved = try SettingsLayer(yamlFile: layout.configPath)
    return try SettingsLayer(
      origin: saved.origin,
      values: saved.values.filter { !own.contains($0.key) } + [
        ("extends", (settings.earlierLogs + [settings.data]).joined(separator: ","))
      ])
  }
}
