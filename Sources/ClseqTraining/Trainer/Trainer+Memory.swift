package import ClseqData
import ClseqInference
import ClseqOps
import ClseqRuns
import ClseqRuntime

extension Trainer {
  /// Reserves device memory for the largest batch of the epoch in progress and for the validation after
  /// it, and builds their kernels. Where the budget does not hold a whole batch, batches are worked on
  /// in parts.
  ///
  /// `train` does so before each epoch. Called before a run directory is made, it lets a model that
  /// does not fit fail with nothing written.
  ///
  /// - Throws: `OpenCLError.overBudget` when not even a pass over one sequence fits the memory budget.
  public func reserveMemory() throws { try reserveMemory(leastParts: 1) }

  /// The same, with batches in at least that many parts.
  func reserveMemory(leastParts: Int) throws {
    guard let largest = sampler.largestBatch(epochs: state.epoch - 1..<state.epoch) else { return }
    try reserveMemory(
      for: largest, leastParts: leastParts,
      part: { sampler.largestPart(epoch: state.epoch - 1, ofAtMost: $0) ?? largest },
      evaluation: {
        var runner = runner
        runner.runsLargestOnly = true
        _ = try job.scoring.cases(of: .validation, by: runner)
      })
  }

  /// Reserves device memory for steps on batches up to the size of this one.
  package func reserveMemory(for batch: RaggedBatch) throws {
    try reserveMemory(
      for: batch, leastParts: 1, part: { batch.parts(ofAtMost: $0)[0] }, evaluation: {})
  }

  /// Tries more and more parts until they fit.
  ///
  /// - Parameters:
  ///   - part: the part of so many events that takes the most memory.
  ///   - evaluation: what runs between steps.
  private func reserveMemory(
    for batch: RaggedBatch, leastParts: Int, part: (_ limit: Int) -> RaggedBatch,
    evaluation: () throws -> Void
  ) throws {
    // What fits must not depend on what was reserved before: a resumed run cuts batches alike.
    let free = (backend.context?.memory.budget ?? .max) - fixedByteCount
    let largest = backend.context?.device.largestAllocationByteCount ?? .max
    var partCount = job.views.comparesSequences ? 1 : min(leastParts, batch.eventCount)
    while true {
      let limit = max(batch.maximumLength, (batch.eventCount + partCount - 1) / partCount)
      passEventLimit = limit >= batch.eventCount ? .max : limit
      let sizes = try countedMemory(of: part(passEventLimit), and: evaluation)
      let counted = (sizes?.total ?? 0) + uploader.reservedByteCount
      // A smaller batch may leave gaps that a larger one does not: room for a few.
      let needed = counted + counted / 16 + (1 << 16)
      neededByteCount = fixedByteCount + needed
      if needed <= free, sizes?.largest ?? 0 <= largest {
        if let sizes { try backend.reserve(sizes) }
        try uploader.reserve()
        return
      }
      guard limit > batch.maximumLength, !job.views.comparesSequences else {
        throw OpenCLError.overBudget(
          needed: needed, free: free, budget: backend.context?.memory.budget ?? 0)
      }
      partCount *= 2
    }
  }

  /// The memory that a step or the body needs; nil on the reference.
  private func countedMemory(
    of part: RaggedBatch, and body: () throws -> Void
  ) throws -> ArenaSizes? {
    let (step, other) = try uploader.counting {
      (
        try backend.countMemory { _ = try launchStep(part, isPlanned: true) },
        try backend.countMemory(body)
      )
    }
    guard let step, let other else { return nil }
    return step.covering(other)
  }
}
