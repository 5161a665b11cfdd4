package import ClseqBase
package import ClseqData
package import ClseqModels
package import ClseqNN
package import ClseqOps

/// Brings batches with all that a model knows of them to a backend, and runs the model.
package struct ModelRunner {
  let model: any SequenceModel
  let backend: Backend
  let uploader: BatchUploader
  var inputs: EncodedInputs
  let maximumLength: Int
  let batchSize: BatchSize
  /// Called before every batch that is not trained on.
  var isInterrupted: () -> Bool = { false }
  /// Receives the progress of scoring.
  package var progress: ProgressHandler?
  /// Whether only the largest batch of an evaluation is run, to count its memory.
  package var runsLargestOnly = false

  package init(
    model: any SequenceModel, backend: Backend, uploader: BatchUploader, inputs: EncodedInputs,
    maximumLength: Int, batchSize: BatchSize, isInterrupted: @escaping () -> Bool = { false }
  ) {
    self.model = model
    self.backend = backend
    self.uploader = uploader
    self.inputs = inputs
    self.maximumLength = maximumLength
    self.batchSize = batchSize
    self.isInterrupted = isInterrupted
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
      if let largest { try body(RaggedBatch(largest.examples, of: dataset)) }
      return
    }
    var counter = EventCounter(
      task, total: progress == nil ? 0 : examples.reduce(0) { $0 + $1.inputs.count }, progress)
    for examples in batches {
      let batch = RaggedBatch(examples, of: dataset)
      try body(batch)
      counter.add(batch)
    }
  }

  /// Starts bringing a batch to the backend.
  ///
  /// - Parameters:
  ///   - isTraining: whether gradients of tables will be needed.
  ///   - extra: further arrays, which come back as indices.
  /// - Throws: ``RunInterrupted``, and `OpenCLError` when memory runs out.
  package func upload(
    _ batch: RaggedBatch, isTraining: Bool, extra: [[Int32]] = []
  ) throws -> (events: EventBatch, extra: ArraySlice<Indices>) {
    if !isTraining && isInterrupted() { throw RunInterrupted() }
    var plan = UploadPlan(isTraining: isTraining)
    let items = plan.codes(batch.items, rowCount: model.itemTable.shape[0])
    let times = plan.codes(batch.times, rowCount: maximumLength)
    let (sequences, offsets) = (plan.array(batch.sequences), plan.array(batch.offsets))
    let encoding = inputs.encoding
    let typeCount = encoding.typeCount
    let types =
      typeCount > 0 ? plan.codes(inputs.types(of: batch), rowCount: typeCount) : nil
    let outcomes =
      typeCount > 0 && encoding.predictsEvents
      ? plan.codes(inputs.types(of: batch, ownOutcomes: true), rowCount: typeCount) : nil
    let gaps =
      encoding.hasGaps
      ? plan.codes(inputs.gaps(of: batch), rowCount: InputEncoding.gapCount) : nil
    let numbers =
      encoding.numberCount > 0 ? plan.array(inputs.numbers(of: batch).map(\.bits)) : nil
    let first = plan.arrays.count
    let arrays = try uploader.upload(plan.arrays + extra)
    var events = EventBatch(
      events: EventIndices(
        items: arrays[items.array], times: arrays[times.array], sequences: arrays[sequences],
        itemRows: items.rows(in: arrays), timeRows: times.rows(in: arrays)),
      offsets: arrays[offsets], maximumLength: batch.maximumLength)
    events.inputs.types = types?.codes(in: arrays)
    events.inputs.knownOutcomes = outcomes?.codes(in: arrays)
    events.inputs.gaps = gaps?.codes(in: arrays)
    events.inputs.numbers = numbers.map {
      backend.floats(in: arrays[$0], [batch.eventCount, encoding.numberCount])
    }
    return (events, arrays[first...])
  }
}

/// The arrays of one upload, and which of them is what.
private struct UploadPlan {
  /// Codes and, in training, their events by row.
  struct Codes {
    let array: Int
    let hasRows: Bool

    func rows(in arrays: [Indices]) -> DeviceRowIndex? {
      guard hasRows else { return nil }
      return DeviceRowIndex(
        order: arrays[array + 1], rows: arrays[array + 2], rowOffsets: arrays[array + 3])
    }

    func codes(in arrays: [Indices]) -> EventCodes {
      EventCodes(codes: arrays[array], rows: rows(in: arrays))
    }
  }

  let isTraining: Bool
  private(set) var arrays: [[Int32]] = []

  init(isTraining: Bool) { self.isTraining = isTraining }

  mutating func array(_ values: [Int32]) -> Int {
    arrays.append(values)
    return arrays.count - 1
  }

  mutating func codes(_ values: [Int32], rowCount: Int) -> Codes {
    let codes = Codes(array: array(values), hasRows: isTraining)
    if isTraining {
      let index = RowIndex(values, rowCount: rowCount)
      arrays += [index.order, index.rows, index.rowOffsets]
    }
    return codes
  }
}

extension Float {
  /// The bits, for a place among integers.
  package var bits: Int32 { Int32(bitPattern: bitPattern) }
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
