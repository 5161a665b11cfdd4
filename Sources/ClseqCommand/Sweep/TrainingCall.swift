import Clseq
import ClseqData
import ClseqTraining
import Foundation

/// What a training was asked for on the command line.
struct TrainingCall {
  let data: String?
  let config: String?
  var options: [(key: String, text: String)]

  /// The same call with other values for some settings.
  func changing(_ changes: [(key: String, text: String)]) -> TrainingCall {
    var call = self
    call.options = options.filter { option in !changes.contains { $0.key == option.key } } + changes
    return call
  }

  /// Trains one run to its end, and tells on standard error what becomes of it.
  ///
  /// - Throws: ``Interruption`` after a signal, and what a training can throw.
  static func train(
    _ settings: TrainingSettings, _ dataset: SequenceDataset,
    startedAt: ContinuousClock.Instant = .now
  ) throws -> (summary: TrainingSummary, trainer: Trainer) {
    // Split once, for the plan, the training and what stands beside it.
    let split = try settings.taskSplit(dataset)
    try tellPlan(settings, split)
    let backend = try settings.openToldBackend()
    let trainer = try Trainer(settings, split: split, on: backend, startedAt: startedAt)
    try trainer.reserveMemory()
    let run = try runDirectory(settings, dataName: dataset.source.name, at: Date())
    Interrupt.install()
    try trainer.prepare(run).map(tell)
    SplitNotes.show(trainer.split, settings, trainer.passport)
    Console.detail("run \(run.path)", settings)
    let progress = ProgressReport(settings)
    let summary: TrainingSummary
    do {
      summary = try trainer.train(in: run, progress: progress) { Interrupt.signal != nil }
    } catch let interrupted as TrainingInterrupted {
      throw Interruption(signal: Interrupt.signal ?? SIGINT, advice: interrupted.advice)
    }
    try backend.context?.profile.map { Console.note(table: try ProfileTable.text($0)) }
    return (summary, trainer)
  }

  /// What the training will take, in two lines.
  private static func tellPlan(_ settings: TrainingSettings, _ split: Split) throws {
    guard settings.device != "reference" else { return }
    let plan = try DeviceRoad.plan(settings, split)
    let resident = plan.residentBytes.map { "about \(ByteText.mebibytes($0)) resident" }
    Console.note(
      "\(plan.parameters) parameters; \(plan.steps) steps of together \(plan.events) events and "
        + "\(NumberText.fixed(plan.flops / 1e9, digits: 1)) GFLOP an epoch\(plan.passText)",
      settings)
    Console.note(
      (["at most \(ByteText.mebibytes(plan.deviceBytes)) of the device"]
        + [resident].compactMap { $0 })
        .joined(separator: ", "), settings)
  }

  /// Warns of checkpoints that a resumed run passes over, with --quiet too: something is lost.
  private static func tell(_ resume: ResumePoint) {
    for damage in resume.damages { Console.warn("\(damage); the checkpoint is passed over") }
    if !resume.damages.isEmpty, let checkpoint = resume.checkpoint {
      Console.warn("going on from \(checkpoint.path)")
    }
  }

  /// Checks, before the log is read, that a run can be made or gone on with where it shall be.
  static func requireUsableRun(_ settings: TrainingSettings) throws(RunDirectoryError) {
    if settings.resume {
      _ = try RunLayout.existing(at: settings.run)
    } else if !settings.run.isEmpty {
      var status = stat()
      guard lstat(settings.run, &status) != 0 else { throw .exists(path: settings.run) }
    }
  }

  /// The directory of the run: the one to go on with, the one asked for, or a new one by name
  /// and time.
  static func runDirectory(
    _ settings: TrainingSettings, dataName: String, at date: Date
  ) throws(RunDirectoryError) -> RunDirectory {
    if settings.resume { return try .resume(at: settings.run) }
    if !settings.run.isEmpty { return try .create(at: settings.run) }
    let path = RunLayout.defaultPath(model: settings.model.rawValue, data: dataName, at: date)
    // Two runs may begin in one second.
    for number in 2...99 {
      do { return try .create(at: number == 2 ? path : "\(path)-\(number - 1)") } catch {
        guard case .exists = error else { throw error }
      }
    }
    return try .create(at: path)
  }
}
