import ArgumentParser
import Clseq
import ClseqTraining
import Foundation

/// Reports the memory and the work of a training.
struct PlanCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Report the memory and the work of a training without running it.",
    discussion: """
      Takes the settings of `clseq train`. Memory of the device is counted exactly; resident memory is that \
      of pocl with kernels from the cache. --steps measures some steps and estimates the time of an \
      epoch.
      """)

  @OptionGroup var training: TrainingOptions
  @Option(help: "Steps that are measured, after two that are not; 0 for none.") var steps = 0
  @Option(
    help: ArgumentHelp(
      "A new folder for the OpenCL programs that the training builds, with their options and grids.",
      valueName: "folder"), completion: .directory)
  var programs: String?

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
        "plan needs a model that is trained in steps, and another device than reference"
      )
    }
    try Console.warnOfIdleSettings(resolution, training.request, settings)
    let dataset = try settings.readDataset()
    let split = try settings.training.taskSplit(dataset)
    let plan = try DeviceRoad.plan(settings, split)
    if let programs { try PlannedProgram.write(plan.programs, to: programs) }
    let seconds =
      try steps > 0
      ? Trainer(settings.training, split: split, on: settings.openBackendAndReport())
        .measuredSecondsAnEpoch(steps: steps) : nil
    try Console.show(
      WithReading(Report(plan: plan, secondsAnEpoch: seconds), dataset.source), as: settings.format
    ) {
      """
      parameters       \(plan.parameters)
      an epoch         \(counted(plan.events, "event")) in \(counted(plan.steps, "step"))\(plan.passText)
      device memory    \(ByteText.mebibytes(plan.deviceBytes)) at most
      resident memory  \(plan.residentBytes.map(ByteText.mebibytes) ?? "unknown") at most, with kernels that are built
      launches         \(plan.launches) kernels per step
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
