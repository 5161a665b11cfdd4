import ArgumentParser
import Clseq
import ClseqTraining
import Foundation

/// Tells what a training would take.
struct PlanCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan", abstract: "Tell what a training would take, before anything runs.",
    discussion: """
      Takes the settings of `clseq train`. Memory of the device is counted exactly; resident memory is that \
      of pocl with kernels from the cache. With --steps some steps are measured, and tell how long an epoch \
      will take.
      """)

  @OptionGroup var training: TrainingOptions
  @Option(help: "Steps that are measured, after two that are not; 0 for none.") var steps = 0

  /// What is printed as JSON.
  private struct Report: Encodable {
    let plan: TrainingPlan
    let secondsAnEpoch: Double?

    private enum Key: String, CodingKey { case secondsAnEpoch = "seconds_an_epoch" }

    func encode(to encoder: any Encoder) throws {
      try plan.encode(to: encoder)
      var container = encoder.container(keyedBy: Key.self)
      try container.encodeIfPresent(secondsAnEpoch, forKey: .secondsAnEpoch)
    }
  }

  func run() throws {
    let resolution = SettingResolution(environment: ProcessInfo.processInfo.environment)
    let settings = try resolution.training(training.request)
    guard case .network = settings.model, settings.device != "reference" else {
      throw SettingsError.doNotFit(
        "plan tells what a device will do: name a model that is trained, and another device than reference"
      )
    }
    try Console.warnOfIdleSettings(resolution, training.request, settings)
    let dataset = try settings.readDataset()
    let split = try settings.training.taskSplit(dataset)
    let plan = try DeviceRoad.plan(settings, split)
    let seconds =
      try steps > 0
      ? Trainer(settings.training, split: split, on: settings.openToldBackend())
        .measuredSecondsAnEpoch(steps: steps) : nil
    try Console.show(
      WithReading(Report(plan: plan, secondsAnEpoch: seconds), dataset.source), as: settings.format
    ) {
      """
      parameters       \(plan.parameters)
      an epoch         \(plan.events) events in \(plan.steps) steps\(plan.passText)
      device memory    \(ByteText.mebibytes(plan.deviceBytes)) at most
      resident memory  \(plan.residentBytes.map(ByteText.mebibytes) ?? "unknown") at most, with kernels that are built
      work             \(NumberText.fixed(plan.flops / 1e9, digits: 1)) GFLOP an epoch
      time             \(seconds.map { "\(NumberText.fixed($0, digits: 1)) s an epoch" } ?? "not measured: --steps 10")

      """
    }
  }
}

extension TrainingPlan {
  /// How many passes the largest batch takes, where it is not one.
  var passText: String { passes > 1 ? ", the largest in \(passes) passes" : "" }
}
