import ClseqData
import ClseqModels
import ClseqNN
import ClseqOps

/// States of partial sequences, of which a model keeps what it needs for the next event.
struct KeptStates {
  private let model: any IncrementalModel
  private let memory: EventMemory
  /// Which kept events are those of each sequence of the last step, by number; of a model that writes those that it
  /// wrote.
  private var rows: [[Int32]] = []
  /// Which events each sequence reads, by number, of a model that writes.
  private var read: [Range<Int32>] = []
  /// Events so far that are in `rows`.
  private var count: Int32 = 0

  /// - Parameters:
  ///   - model: The model.
  ///   - histories: The number of events of each history.
  ///   - width: The maximum number of sequences that go on from a history.
  ///   - stepCount: The number of steps.
  init(_ model: any IncrementalModel, _ histories: [Int], width: Int, stepCount: Int) {
    self.model = model
    let first = histories.reduce(0, +)
    let later = histories.count * (stepCount - 1)
    memory = EventMemory(
      capacity: first + width * later, largestStep: width * (first + later))
  }

  /// The states `[S, D]` after the last events of sequences.
  ///
  /// - Parameters:
  ///   - sequences: Those of the first step, or each one of the step before with one event more.
  ///   - whole: All their events.
  ///   - dataset: The dataset of the histories.
  ///   - runner: Brings them to the model.
  /// - Throws: ``RunInterrupted``, and `OpenCLError` when memory runs out.
  mutating func states(
    of sequences: [PartialSequence], _ whole: [Continuation], of dataset: SequenceDataset,
    _ runner: ModelRunner
  ) throws -> Tensor {
    let isFirst = rows.isEmpty
    let newest = model.writes ? \Continuation.newestWritten : \.newest
    let batch = RaggedBatch(isFirst ? whole : whole.map { $0[keyPath: newest] }, of: dataset)
    let sides = model.writes ? model.maskItem.map { batch.sides(startingAt: $0) } : nil
    let offsets = sides?.written.offsets ?? batch.offsets
    rows = sequences.indices.map { number in
      let earlier = isFirst ? [] : rows[sequences[number].parent]
      return earlier + (offsets[number]..<offsets[number + 1]).map { count + $0 }
    }
    if let sides {
      let places = sides.read.offsets
      read = sequences.indices.map {
        isFirst ? places[$0]..<places[$0 + 1] : read[sequences[$0].parent]
      }
    }
    count += offsets[sequences.count]
    var plan = UploadPlan()
    let targets = plan.integers(batch.targetRows)
    let kept = KeptRows(isFirst ? [] : rows, in: &plan)
    let reading = model.writes && !isFirst ? KeptRows(read.map(Array.init), in: &plan) : nil
    let parents = plan.integers(sequences.map { Int32($0.parent) })
    let (events, arrays) = try runner.upload(batch, isTraining: false, with: plan)
    let earlier =
      isFirst
      ? nil
      : EarlierEvents(
        shape: kept.shape(in: arrays), rows: arrays[kept.rows], parents: arrays[parents],
        read: reading.map { ($0.shape(in: arrays), arrays[$0.rows]) })
    let states = try model.hiddenStates(
      of: events, only: EventRows(arrays[targets]), in: memory, after: earlier,
      on: Tape(runner.backend, mode: .inference))
    try runner.uploader.release()
    return states
  }
}

/// Kept events of sequences in an upload.
private struct KeptRows {
  let rows: UploadPlan.Integers
  private let starts: UploadPlan.Integers
  private let lengths: [Int]

  init(_ numbers: [[Int32]], in plan: inout UploadPlan) {
    lengths = numbers.map(\.count)
    starts = plan.integers(
      lengths.reduce(into: [0]) { $0.append($0[$0.count - 1] + Int32($1)) })
    rows = plan.integers(numbers.flatMap(\.self))
  }

  func shape(in arrays: UploadedArrays) -> RaggedShape {
    RaggedShape(offsets: arrays[starts], lengths: lengths)
  }
}
