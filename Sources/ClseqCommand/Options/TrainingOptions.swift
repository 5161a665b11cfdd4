import ArgumentParser
import Clseq

/// What every command takes that is about a training: the log, a file of settings, and all settings.
struct TrainingOptions: ParsableArguments {
  @Argument(help: "The log; without it, a generated one.", completion: .file())
  var data: String?
  @Option(
    help: ArgumentHelp("A YAML file of settings.", valueName: "file"), completion: .file())
  var config: String?
  @OptionGroup(title: "Settings") var settings: SettingOptions<AllSettings>

  /// The training that the options state.
  var request: TrainingRequest {
    TrainingRequest(data: data, config: config, options: settings.values)
  }
}
