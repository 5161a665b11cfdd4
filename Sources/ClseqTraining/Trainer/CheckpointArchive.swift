import ClseqBase
import ClseqInference
import ClseqOps
import ClseqRuns
import ClseqSettings
import Foundation

/// The checkpoints of a run in training: when one is due, which are kept, which is the best. Without
/// a run directory the best parameters are kept in memory.
struct CheckpointArchive {
  /// The epoch whose parameters are the best, nil before any was found in this call.
  private(set) var bestEpoch: Int?
  private let run: RunDirectory?
  private let keptCount: Int
  private let interval: CheckpointInterval
  private var bestValues: [Float]?
  private var lastSave: (step: Int, time: ContinuousClock.Instant)

  /// - Parameters:
  ///   - keptCount: the newest checkpoints that are kept, beside the best.
  ///   - interval: when they are written, beside the ends of epochs.
  ///   - step: steps that are done.
  init(_ run: RunDirectory?, keeping keptCount: Int, every interval: CheckpointInterval, step: Int)
  {
    self.run = run
    self.keptCount = keptCount
    self.interval = interval
    lastSave = (step, .now)
  }

  /// The name of the checkpoint of a state. An epoch's end comes after its last step: between the
  /// two it was validated.
  func name(of state: TrainingState) -> String {
    let digits = String(state.step)
    let step = "step-" + String(repeating: "0", count: max(0, 9 - digits.count)) + digits
    return state.batch == 0 && state.step > 0 ? step + "-validated" : step
  }

  /// Whether it is time for a checkpoint in the midst of an epoch.
  func isDue(step: Int) -> Bool {
    switch interval {
    case .epoch: false
    case .steps(let count): step - lastSave.step >= count
    case .seconds(let seconds): ContinuousClock.now - lastSave.time >= .seconds(seconds)
    }
  }

  /// Writes a checkpoint of the present state and removes those that are not kept.
  ///
  /// - Throws: ``TrainingDiverged`` where a parameter is not finite, and what writing can throw.
  mutating func save(_ trainer: Trainer) throws {
    lastSave = (trainer.state.step, .now)
    guard let run else { return }
    let store = trainer.store
    let values = try trainer.backend.read(store.values)
    try trainer.requireFinite(values)
    let state = try JSONText.document(trainer.state)
    _ = try run.saveCheckpoint(name(of: trainer.state)) { folder in
      try ModelFile.writeParameters(
        values, of: store, trainedOnly: trainer.settings.hasAdapters,
        to: "\(folder)/\(ModelFile.parameters)")
      try ModelFile.writeMoments(store, to: "\(folder)/\(ModelFile.optimizer)")
      try DurableFiles.write(Array(state.utf8), to: "\(folder)/\(TrainingState.fileName)")
    }
    try removeOthers(in: run)
  }

  /// Counts the present parameters as the best.
  mutating func setBest(_ trainer: Trainer, epoch: Int) throws {
    bestEpoch = epoch
    guard let run else {
      bestValues = try trainer.backend.read(trainer.store.values)
      return
    }
    try run.setBest(name(of: trainer.state))
    try removeOthers(in: run)
  }

  /// Puts the best parameters back. Where no score was a number, the present ones stay.
  func restoreBest(into trainer: Trainer) throws {
    if let run {
      guard bestEpoch != nil || trainer.state.bestCheckpoint != nil else { return }
      try trainer.load(run.layout.verifiedBest())
    } else if let bestValues {
      try trainer.backend.write(bestValues, to: trainer.store.values)
    }
  }

  /// Keeps the newest checkpoints, what `best` points to, and what those that are kept count as the
  /// best: the run may continue from any of them.
  private func removeOthers(in run: RunDirectory) throws {
    let newest = try run.layout.checkpoints().suffix(keptCount)
    var kept = Set(newest.map(\.name))
    kept.formUnion(newest.compactMap { TrainingState(in: $0)?.bestCheckpoint })
    if let best = try run.layout.best() { kept.insert(best.name) }
    try run.removeCheckpoints(except: kept)
  }
}
