import Clseq
import ClseqData
import ClseqTraining

extension ResolvedSettings {
  /// Trains one run to its end, with plan and progress on standard error.
  ///
  /// - Throws: `TrainingInterrupted` after a signal, and what a training can throw.
  func train(
    _ dataset: SequenceDataset, startedAt: ContinuousClock.Instant = .now
  ) throws -> (summary: TrainingSummary, trainer: Trainer) {
    // Split once, for the plan, the training and what stands beside it.
    let split = try training.taskSplit(dataset)
    let programs = try showPlan(split)
    let backend = try openBackendAndReport(programs: programs)
    let trainer = try Trainer(training, split: split, on: backend, startedAt: startedAt)
    try trainer.reserveMemory()
    // Before the run directory is made, so that a run that does not fit leaves nothing.
    if !invocation.resume, let start = try trainer.takeStart() {
      Console.note(start.description, self)
      if let pruned = start.pruned { Console.note(pruned.description, self) }
    }
    let run = try RunDirectory.begin(self, dataName: dataset.source.name)
    Interrupt.install()
    try trainer.prepare(run).map(Self.show)
    SplitNotes.show(trainer.split, self, trainer.passport)
    Console.detail("run \(run.path)", self)
    let progress = ProgressReport(self)
    let summary = try trainer.train(in: run, progress: progress) { Interrupt.signal != nil }
    try backend.context?.profile.map { Console.note(table: try ProfileTable.text($0)) }
    return (summary, trainer)
  }

  /// The size of the training, in two lines.
  ///
  /// - Returns: The number of programs that the device builds or loads; nil of the reference.
  private func showPlan(_ split: Split) throws -> Int? {
    guard training.device != "reference" else { return nil }
    let plan = try DeviceRoad.plan(self, split)
    let resident = plan.residentBytes.map { "about \(ByteText.mebibytes($0)) resident" }
    Console.note(
      "\(plan.parameters) parameters; \(counted(plan.steps, "step")) with "
        + "\(counted(plan.events, "event")) and "
        + "\(NumberText.fixed(plan.flops / 1e9, digits: 1)) GFLOP per epoch\(plan.passText)",
      self)
    Console.note(
      (["at most \(ByteText.mebibytes(plan.deviceBytes)) of the device"]
        + [resident].compactMap { $0 })
        .joined(separator: ", "), self)
    return plan.programs.count
  }

  /// Warns of checkpoints that a resumed run passes over, with --quiet too: something is lost.
  private static func show(_ resume: ResumePoint) {
    for damage in resume.damages { Console.warn("\(damage); the checkpoint is passed over") }
    if !resume.damages.isEmpty, let checkpoint = resume.checkpoint {
      Console.warn("continuing from \(checkpoint.path)")
    }
  }
}
