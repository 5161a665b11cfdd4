import ClseqOps

/// The parameters of the best epoch so far: a checkpoint of the run, or a copy in memory.
struct BestModel {
  private let run: RunDirectory?
  private var values: [Float]?

  init(_ run: RunDirectory?) {
    self.run = run
  }

  /// Keeps the present parameters.
  mutating func keep(_ trainer: Trainer, _ checkpoint: Checkpoint?) throws {
    if let run, let checkpoint {
      try run.setBest(checkpoint)
    } else {
      values = try trainer.backend.read(trainer.store.values)
    }
  }

  /// Removes checkpoints that are neither the best nor the newest.
  func removeOthers(than newest: Checkpoint?) throws {
    guard let run, let newest else { return }
    let best = try run.layout.best()
    try run.removeCheckpoints(except: best.map { [$0, newest] } ?? [newest])
  }

  /// Puts the best parameters back.
  func restore(into trainer: Trainer) throws {
    if let run, let best = try run.layout.best() {
      try trainer.load(best)
    } else if let values {
      try trainer.backend.write(values, to: trainer.store.values)
    }
  }
}
