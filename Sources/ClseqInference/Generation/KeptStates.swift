import ClseqData
import ClseqModels
import ClseqNN
import ClseqOps

/// States of partial sequences, of which a model keeps what it needs for the next event.
struct KeptStates {
  private let model: any IncrementalModel
  private let memory: EventMemory
  /// Which kept events are those of each sequence of the last step, by number.
  private var rows: [[Int32]] = []
  /// Events so far.
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
    let batch = RaggedBatch(isFirst ? whole : whole.map(\.newest), of: dataset)
    let offsets = batch.offsets
    rows = sequences.indices.map { number in
      let earlier = isFirst ? [] : rows[sequences[number].parent]
      return earlier + (offsets[number]..<offsets[number + 1]).map { count + $0 }
    }
    count += Int32(batch.eventCount)
    let lengths = rows.map(\.count)
    var plan = UploadPlan()
    let targets = plan.integers(batch.targetRows)
    let starts = plan.integers(
      lengths.reduce(into: [0]) { $0.append($0[$0.count - 1] + Int32($1)) })
    let kept = plan.integers(isFirst ? [] : rows.flatMap(\.self))
    let parents = plan.integers(sequences.map { Int32($0.parent) })
    let (events, arrays) = try runner.upload(batch, isTraining: false, with: plan)
    let earlier = EarlierEvents(
      shape: RaggedShape(offsets: arrays[starts], lengths: lengths), rows: arrays[kept],
      parents: arrays[parents])
    let states = try model.hiddenStates(
      of: events, only: EventRows(arrays[targets]), in: memory, after: isFirst ? nil : earlier,
      on: Tape(runner.backend, mode: .inference))
    try runner.uploader.release()
    return states
  }
}
