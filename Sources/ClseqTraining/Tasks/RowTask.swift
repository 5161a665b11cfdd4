import ClseqData
import ClseqModels
import ClseqNN
import ClseqOps

/// A supervised task: a linear head turns the state of each event that is asked about into a row of
/// outputs, and a goal says what they mean.
struct RowTask: TrainingTask {
  let goal: RowGoal
  let examples: [Example]
  let places: TaskExamples
  /// `[C, state width]`.
  let head: Linear
  private let classWeights: Tensor?
  var selection: SelectionMetric { goal.selection }
  /// The truths that training may know.
  private var targets: Targets { places.trainingTargets }

  /// Declares `NAME.weight` and `NAME.bias`.
  ///
  /// - Parameters:
  ///   - name: name of the head.
  ///   - examples: those of an epoch.
  /// - Throws: `OpenCLError.overBudget` when the weights of classes do not fit.
  init(
    _ name: String, goal: RowGoal, examples: [Example], places: TaskExamples, stateWidth: Int,
    in store: ParameterStore
  ) throws {
    self.goal = goal
    self.examples = examples
    self.places = places
    head = Linear(name, inputs: stateWidth, outputs: goal.outputCount, in: store)
    if case .classes(_, let weights?) = goal {
      classWeights = try store.constant(weights, [weights.count])
    } else {
      classWeights = nil
    }
  }

  /// Rows of the batch and their index, if not all events are asked about; then the truths.
  func arrays(of batch: RaggedBatch, epoch: Int, step: Int) -> [[Int32]] {
    let indices = batch.asked.map { places.index(of: Int($0), in: batch) }
    var arrays: [[Int32]] = []
    if batch.asked.count < batch.eventCount {
      let index = RowIndex(batch.asked, rowCount: batch.eventCount)
      arrays = [batch.asked, index.order, index.rows, index.rowOffsets]
    }
    switch targets.values {
    case .classes(let classes, _): arrays.append(indices.map { classes[$0] })
    case .numbers(let numbers):
      arrays.append(indices.map { scaled(numbers[$0]).bits })
      arrays.append(indices.map { Float(numbers[$0].isNaN ? 0 : 1).bits })
    case .durations(let durations, let observed):
      guard case .durations(let bounds) = goal else { break }
      // What is not known counts as censored in the first interval, which adds nothing.
      arrays.append(
        indices.map { durations[$0].isNaN ? 0 : Int32(RowGoal.bin(of: durations[$0], bounds)) })
      arrays.append(indices.map { !durations[$0].isNaN && observed[$0] ? 1 : 0 })
    }
    return arrays
  }

  func arrayCount(of batch: RaggedBatch) -> Int {
    let truths = if case .classes = targets.values { 1 } else { 2 }
    return truths + (batch.asked.count < batch.eventCount ? 4 : 0)
  }

  private func scaled(_ number: Double) -> Float {
    if number.isNaN { return 0 }
    guard case .numbers(let mean, let deviation, _, _) = goal else { return Float(number) }
    return Float((number - mean) / deviation)
  }

  func loss(
    of states: Tensor, _ batch: RaggedBatch, _ arrays: ArraySlice<Indices>,
    dividedBy divisor: [Float],
    on tape: Tape
  ) throws -> Tensor {
    var arrays = Array(arrays)
    var rows = states
    if batch.asked.count < batch.eventCount {
      rows = try tape.gather(
        states, rows: arrays[0],
        index: DeviceRowIndex(order: arrays[1], rows: arrays[2], rowOffsets: arrays[3]))
      arrays.removeFirst(4)
    }
    let outputs = try head(rows, on: tape)
    let shape = [batch.asked.count, 1]
    func floats(_ array: Int) -> Tensor { tape.backend.floats(in: arrays[array], shape) }
    func weights() -> Tensor { tape.backend.floats(in: arrays[1], [shape[0]]) }
    let (kind, rowWeights): (RowLoss, Tensor?) =
      switch goal {
      case .classes: (.softmax(targets: arrays[0], classWeights: classWeights), nil)
      case .binary: (.binary(targets: floats(0)), weights())
      case .numbers(_, _, .mse, _): (.squared(targets: floats(0)), weights())
      case .numbers(_, _, .mae, _): (.absolute(targets: floats(0)), weights())
      case .numbers(_, _, .huber, let delta):
        (.huber(targets: floats(0), delta: delta), weights())
      case .durations: (.hazard(bins: arrays[0], observed: arrays[1]), nil)
      }
    return try tape.rowLoss(
      outputs, kind: kind, weights: rowWeights, scale: 1 / divisor[0])
  }

  /// The events that are asked about and whose truth is known.
  func divisor(of batch: RaggedBatch) -> [Float] {
    [Float(max(1, batch.asked.count { targets.isKnown(places.index(of: Int($0), in: batch)) }))]
  }

  func leftOut(of part: Split.Part?) -> [String: Int] { places.leftOut(of: part) }

  func constantScores(of part: Split.Part) -> TaskScores {
    let known = places.known(places.asked(by: part), part: part)
    let answer = goal.constantOutputs(targets, of: places.known(examples))
    return RowScores(goal: goal, outputs: known.map { _ in answer })
      .scores(places.targets(of: part), of: known)
  }

  func scores(of part: Split.Part, by runner: ModelRunner) throws -> TaskScores {
    var runner = runner
    if let moment = places.moment(of: part) { runner.inputs = runner.inputs.asking(at: moment) }
    let outputs = try outputs(of: places.asked(by: part), of: places.split.dataset, by: runner)
    let targets = places.targets(of: part)
    let known = outputs.filter { targets.isKnown($0.index) }
    return RowScores(goal: goal, outputs: known.map(\.values)).scores(
      targets, of: known.map(\.index))
  }

  /// The outputs of every event that examples ask about, in the order of the dataset.
  func outputs(
    of examples: some Sequence<Example>, of dataset: SequenceDataset, by runner: ModelRunner
  ) throws -> [RowOutput] {
    var found: [RowOutput] = []
    let count = goal.outputCount
    try runner.forEachBatch(of: examples, in: dataset, "scoring") { batch in
      let (events, extra) = try runner.upload(batch, isTraining: false, extra: [batch.asked])
      let tape = Tape(runner.backend, mode: .inference)
      let states = try runner.model.hiddenStates(of: events, only: extra.first, on: tape)
      let values = try runner.backend.read(try head(states, on: tape))
      try runner.uploader.release()
      for (row, event) in batch.asked.enumerated() {
        found.append(
          RowOutput(
            index: places.index(of: Int(event), in: batch), sequence: batch.sequences[Int(event)],
            place: batch.places[Int(event)],
            values: Array(values[row * count..<(row + 1) * count])))
      }
    }
    return found.sorted { $0.place < $1.place }
  }
}

/// The outputs of a head for one event, or user.
struct RowOutput {
  /// Where the truth stands in ``Targets``.
  let index: Int
  /// Index of the user in the dataset.
  let sequence: Int32
  /// Place of the event in the dataset.
  let place: Int
  /// C outputs.
  let values: [Float]
}
