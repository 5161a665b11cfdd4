import ArgumentParser
import Clseq
import Foundation

/// Trains a model that starts from the parameters of another run.
struct FinetuneCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "finetune",
    abstract: "Train a run's model further, on other data or for another task.",
    discussion: """
      The model has the settings of the run and starts from its best parameters; heads of the task are \
      new. Vectors of items are matched by the items' ids; an item that the run never met starts from \
      the mean of all. Everything else is as with `clseq train --start-from RUN`.

      With --lora-rank the weights of the run stay as they are, and small adapters are trained beside them. \
      The new run holds the adapters alone and needs the first one. `clseq finetune --merge RUN --run MERGED` \
      makes a run of it that needs no other.
      """)

  @Argument(help: "The run directory to start from.", completion: .directory)
  var start: String
  @OptionGroup var training: TrainingOptions
  @Option(
    help: ArgumentHelp(
      "Train once with each seed, in runs below --run, and print mean and deviation.",
      valueName: "seed,…"))
  var seeds: String?
  @Flag(help: "Add the adapters of the run to its weights, as a new run; nothing is trained.")
  var merge = false

  func run() throws {
    if merge { return try mergeAdapters() }
    try TrainCommand.train(training.request.changing([("start_from", start)]), seeds: seeds)
  }

  private struct MergeReport: Encodable {
    let run: String
    let merged: String
    let adapters: Int
  }

  private func mergeAdapters() throws {
    let options = training.settings.values
    let others = options.map(\.key).filter { key in
      !["run", "format", "log_format", "quiet", "verbose"].contains(key)
    }
    guard training.data == nil, training.config == nil, seeds == nil, others.isEmpty else {
      throw ValidationError(
        "--merge trains nothing, and takes --run alone: train with --lora-rank first, then merge that run by "
          + "'clseq finetune --merge RUN --run MERGED'")
    }
    let layout = try RunLayout.existing(at: start)
    let settings = try SettingResolution(environment: ProcessInfo.processInfo.environment)
      .use(of: layout, options: options)
    try RunDirectory.requireUsable(settings)
    let merged = try MergedRun(layout)
    let run = try RunDirectory.begin(settings, dataName: layout.passport().data)
    try merged.write(to: run)
    let report = MergeReport(
      run: run.path, merged: layout.path, adapters: merged.adapterCount)
    try Console.show(report, as: settings.format) {
      "\(counted(report.adapters, "adapter")) of \(report.merged) merged\n\nrun  \(report.run)\n"
    }
  }
}
