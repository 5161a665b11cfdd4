@testable import ClseqSettings
import ClseqTraining

/// A YAML file of settings, read as `--config` reads it, and as a run that goes on reads its own.
///
/// What is accepted is saved with a run as `config.yaml`, which gives the same settings again.
struct ConfigTarget: FuzzTarget {
  func run(_ input: [UInt8]) {
    let text = String(decoding: input, as: UTF8.self)
    guard let layer = try? SettingsLayer(yaml: text, path: "config.yaml"),
      let settings = try? TrainingSettings(layers: [layer])
    else { return }
    do throws(SettingsError) {
      let saved = try SettingsLayer(yaml: settings.yaml, path: "saved")
      let again = try TrainingSettings(layers: [saved])
      require(again.yaml == settings.yaml, "the saved settings are others: \(settings.yaml)")
      let resumed = try TrainingSettings(resuming: saved, layers: [])
      require(resumed.yaml == settings.yaml, "the resumed settings are others: \(settings.yaml)")
    } catch {
      require(false, "what was saved is refused: \(error)")
    }
    _ = settings.readingOptions()
    _ = settings.sessionGapMicroseconds
    _ = settings.batchSizing
  }
}
