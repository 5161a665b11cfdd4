import ArgumentParser
import Clseq

/// Trains a model that starts from the parameters of another run.
struct FinetuneCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "finetune",
    abstract: "Train a run's model further, on other data or for another task.",
    discussion: """
      The model has the settings of the run and starts from its best parameters; heads of the task are \
      new. Vectors of items are matched by the items' ids; an item that the run never met starts from \
      the mean of all. Everything else is as with `clseq train --start-from RUN`.
      """)

  @Argument(help: "The run directory to start from.", completion: .directory)
  var start: String
  @OptionGroup var training: TrainingOptions
  @Option(
    help: ArgumentHelp(
      "Train once with each seed, in runs below --run, and print mean and deviation.",
      valueName: "seed,…"))
  var seeds: String?

  func run() throws {
    try TrainCommand.train(training.request.changing([("start_from", start)]), seeds: seeds)
  }
}
