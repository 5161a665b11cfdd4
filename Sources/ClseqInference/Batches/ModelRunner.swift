package import ClseqBase
package import ClseqData
package import ClseqModels
package import ClseqNN
package import ClseqOps
package import ClseqSettings

/// Brings batches with all that a model knows of them to a backend, and runs the model.
package struct ModelRunner {
  let model: any SequenceModel
  let backend: Backend
  let uploader: BatchUploader
  var inputs: EncodedInputs
  let maximumLength: Int
  let batchSize: BatchSize
  /// The row of the mask that takes the place of the event to be predicted; nil of a model whose states
  /// predict the event after them, and where users are.
  var mask: Int32?
  /// The row of the summary whose state is read in the place of the last event's; nil where there is none.
  var summary: Int32?
  /// Called before every batch that is not trained on.
  var isInterrupted: () -> Bool = { false }
  /// Receives the progress of scoring.
  package var progress: ProgressHandler?
  /// Whether only the largest batch of an evaluation is run, to count its memory.
  package var runsLargestOnly = false

  package init(
    model: any SequenceModel, backend: Backend, uploader: BatchUploader, inputs: EncodedInputs,
    settings: TrainingSettings, batchSize: BatchSize,
    isInterrupted: @escaping () -> Bool = { false }
  ) {
    self.model = model
    self.backend = backend
    self.uploader = uploader
    self.inputs = inputs
    maximumLength = settings.maxLength
    mask = settings.asksNextEvents ? model.maskItem : nil
    summary = settings.readsSummaries ? model.summaryItem : nil
    self.batchSize = batchSize
    self.isInterrupted = isInterrupted
  }

  /// Which targets share a window of a user's events.
  var sharing: TargetWindows.Sharing {
    model.maskItem == nil ? .unchanged : mask == nil ? .context : .none
  }

  /// The batches of an evaluation of sequences of these lengths.
  func batches(_ lengths: some RandomAccessCollection<Int>) -> [Range<Int>] {
    let ranges = batchSize.partition(lengths)
    guard runsLargestOnly else { return ranges }
    func eventCount(_ range: Range<Int>) -> Int {
      let start = lengths.startIndex
      return range.reduce(0) { $0 + lengths[lengths.index(start, offsetBy: $1)] }
    }
    return ranges.max { eventCount($0) < eventCount($1) }.map { [$0] } ?? []
  }

  /// Calls a body with the batches of examples, one after another and never all at once.
  ///
  /// - Parameter task: The name of the task in progress reports.
  func forEachBatch(
    of examples: some Sequence<Example>, in dataset: SequenceDataset, _ task: String,
    _ body: (RaggedBatch) throws -> Void
  ) rethrows {
    let batches = ExampleBatches(examples, size: batchSize)
    guard !runsLargestOnly else {
      var largest: (examples: [Example], eventCount: Int)?
      for batch in batches {
        let eventCount = batch.reduce(0) { $0 + $1.inputs.count }
        if eventCount > largest?.eventCount ?? 0 { largest = (batch, eventCount) }
      }
      if let largest { try body(batch(of: largest.examples, in: dataset)) }
      return
    }
    var counter = EventCounter(
      task, total: progress == nil ? 0 : examples.reduce(0) { $0 + $1.inputs.count }, progress)
    for examples in batches {
      let batch = batch(of: examples, in: dataset)
      try body(batch)
      counter.add(batch)
    }
  }

  private func batch(of examples: [Example], in dataset: SequenceDataset) -> RaggedBatch {
    let batch = RaggedBatch(examples, of: dataset, endingWith: mask)
    return summary.map { batch.summarized(by: $0, of: dataset) } ?? batch
  }

  /// The outputs of a head for the events with a target of a batch, `[S, width]`.
  ///
  /// - Parameter head: From the states `[S, state width]`.
  func outputs(
    of batch: RaggedBatch, by head: (_ states: Tensor, _ tape: Tape) throws -> Tensor
  ) throws -> [Float] {
    var plan = UploadPlan()
    let rows = plan.integers(batch.targetRows)
    let (events, arrays) = try upload(batch, isTraining: false, with: plan)
    let tape = Tape(backend, mode: .inference)
    let states = try model.hiddenStates(of: events, only: EventRows(arrays[rows]), on: tape)
    let values = try backend.read(try head(states, tape))
    try uploader.release()
    return values
  }

  /// Starts bringing a batch to the backend.
  ///
  /// - Parameters:
  ///   - isTraining: whether gradients of tables will be needed.
  ///   - plan: what comes with it.
  /// - Throws: ``RunInterrupted``, and `OpenCLError` when memory runs out.
  package func upload(
    _ batch: RaggedBatch, isTraining: Bool, with plan: UploadPlan = UploadPlan()
  ) throws -> (events: EventBatch, arrays: UploadedArrays) {
    if !isTraining && isInterrupted() { throw RunInterrupted() }
    var plan = plan
    let events = add(batch, isTraining: isTraining, to: &plan)
    let arrays = try uploader.upload(plan)
    return (events(arrays), arrays)
  }

  /// Adds the arrays of a batch to an upload.
  ///
  /// - Parameter isTraining: whether gradients of tables will be needed.
  /// - Returns: the batch as the model takes it, from the uploaded arrays.
  func add(
    _ batch: RaggedBatch, isTraining: Bool, to plan: inout UploadPlan
  ) -> (UploadedArrays) -> EventBatch {
    func codes(_ values: [Int32], rowCount: Int, isIndexed: Bool = true) -> Codes {
      Codes(
        values: plan.integers(values),
        rows: isTraining && isIndexed ? plan.rows(RowIndex(values, rowCount: rowCount)) : nil)
    }
    let sides =
      model.writes
      ? model.maskItem.map {
        SideUpload(batch, startingAt: $0, isTraining: isTraining, in: &plan)
      } : nil
    let written = (model as? any CompressingModel)?.maskItem.map { start in
      WrittenUpload(
        batch, startingAt: start, itemRows: model.itemTable.shape[0], isTraining: isTraining,
        in: &plan)
    }
    let items = codes(sides?.items ?? batch.items, rowCount: model.itemTable.shape[0])
    // A mask may follow the inputs. A model that writes has positions on the sides alone.
    let times = codes(
      batch.times, rowCount: maximumLength + (model.maskItem == nil ? 0 : 1),
      isIndexed: !model.writes)
    let (sequences, offsets) = (plan.integers(batch.sequences), plan.integers(batch.offsets))
    let encoding = inputs.encoding
    let typeCount = encoding.typeCount
    let types = typeCount > 0 ? codes(inputs.types(of: batch), rowCount: typeCount) : nil
    let outcomes =
      typeCount > 0 && encoding.predictsEvents
      ? codes(inputs.types(of: batch, ownOutcomes: true), rowCount: typeCount) : nil
    let gaps =
      encoding.hasGaps ? codes(inputs.gaps(of: batch), rowCount: InputEncoding.gapCount) : nil
    let numbers = encoding.numberCount > 0 ? plan.numbers(inputs.numbers(of: batch)) : nil
    let segments =
      batch.segments.isEmpty
      ? nil : plan.numbers(batch.segments.map { $0 == .second ? 1 : 0 })
    return { arrays in
      var events = EventBatch(
        events: EventIndices(
          items: arrays[items.values], times: arrays[times.values],
          sequences: arrays[sequences], itemRows: items.rows.map { arrays[$0] },
          timeRows: times.rows.map { arrays[$0] }),
        offsets: arrays[offsets], lengths: batch.lengths)
      events.sides = sides?.sides(in: arrays)
      events.written = written?.sequences(in: arrays)
      events.guesses = sides?.guesses(in: arrays)
      events.inputs.types = types?.codes(in: arrays)
      events.inputs.knownOutcomes = outcomes?.codes(in: arrays)
      events.inputs.gaps = gaps?.codes(in: arrays)
      events.inputs.numbers = numbers.map {
        arrays[$0, [batch.eventCount, encoding.numberCount]]
      }
      events.inputs.segments = segments.map { arrays[$0, [batch.eventCount, 1]] }
      return events
    }
  }
}

/// Codes of events and, in training, the events by code.
private struct Codes {
  let values: UploadPlan.Integers
  let rows: UploadPlan.Rows?

  func codes(in arrays: UploadedArrays) -> EventCodes {
    EventCodes(codes: arrays[values], rows: rows.map { arrays[$0] })
  }
}

/// Counts the events of a task that goes through batches and reports its progress.
struct EventCounter {
  private let task: String
  private let total: Int
  private let progress: ProgressHandler?
  private var done = 0

  init(_ task: String, total: Int, _ progress: ProgressHandler?) {
    self.task = task
    self.total = total
    self.progress = progress
  }

  /// Counts a batch as done.
  mutating func add(_ batch: RaggedBatch) {
    done += batch.eventCount
    progress?(TaskProgress(task, done: done, of: total))
  }
}
