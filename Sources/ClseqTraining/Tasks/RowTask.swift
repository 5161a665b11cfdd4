import ClseqData
import ClseqModels
import ClseqNN
import ClseqOps

/// A supervised task: a linear head turns the state of each event that is asked about into a row of
/// outputs, and a goal says what they mean.
struct RowTask: TrainingTask {
  let goal: RowGoal
  let examples: Examples
  let places: TaskExamples
  /// `[C, state width]`.
  let head: Linear
  private let classWeights: Tensor?
  var selection: SelectionMetric { goal.selection }
  /// The truths that training may know.
  var targets: Targets { places.trainingTargets }

  /// Declares `NAME.weight` and `NAME.bias`.
  ///
  /// - Parameters:
  ///   - name: name of the head.
  ///   - examples: those of an epoch.
  /// - Throws: `OpenCLError.overBudget` when the weights of classes do not fit.
  init(
    _ name: String, goal: RowGoal, examples: Examples, places: TaskExamples, stateWidth: Int,
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
      arrays.append(indices.map { weight(numbers[$0]).bits })
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

  /// What a truth counts in the loss: nothing where it is not known.
  private func weight(_ number: Double) -> Float {
    if number.isNaN { return 0 }
    guard case .binary(let weights?) = goal else { return 1 }
    return weights[number == 1 ? 1 : 0]
  }

  private func scaled(_ number: Double) -> Float {
    if number.isNaN { return 0 }
    if case .numbers = goal { return goal.output(ofNumber: number) }
    return Float(number)
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
      case .numbers(_, _, .mse, _, _): (.squared(targets: floats(0)), weights())
      case .numbers(_, _, .mae, _, _): (.absolute(targets: floats(0)), weights())
      case .numbers(_, _, .huber, let delta, _):
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

  func cases(of part: Split.Part, by runner: ModelRunner) throws -> [ScoredCases] {
    let outputs = try outputs(of: part, by: runner)
    return [cases(of: part, users: outputs.users, places: outputs.places, outputs.values)]
  }

  /// Answers to cases of a part whose truth is known.
  ///
  /// - Parameters:
  ///   - users: The user of each, ascending.
  ///   - places: The place of the event that each is asked about, or after.
  ///   - values: C outputs each.
  func cases(
    of part: Split.Part, users: [Int32], places: [Int], _ values: [Float]
  ) -> ScoredCases {
    let targets = self.places.targets(of: part)
    let subject = targets.rule.subject
    let truths: ScoredCases.Truths =
      subject == .user
      ? .init(targets, goal, at: users.lazy.map { Int($0) })
      : .init(targets, goal, at: places)
    return ScoredCases(
      .init(subject), datasetUsers: users, places: LazyValues(places),
      .rows(goal, outputs: values, truths))
  }

  /// The outputs of every event, or user, that a part asks about and whose truth is known, in the order
  /// of the dataset.
  func outputs(of part: Split.Part, by runner: ModelRunner) throws -> RowOutputs {
    var runner = runner
    if let moment = places.moment(of: part) { runner.inputs = runner.inputs.asking(at: moment) }
    let targets = places.targets(of: part)
    let width = goal.outputCount
    var found = RowOutputs(width: width)
    try runner.forEachBatch(
      of: places.asked(by: part), in: places.split.dataset, "scoring"
    ) { [runner] batch in
      let (events, extra) = try runner.upload(batch, isTraining: false, extra: [batch.asked])
      let tape = Tape(runner.backend, mode: .inference)
      let states = try runner.model.hiddenStates(of: events, only: extra.first, on: tape)
      let values = try runner.backend.read(try head(states, on: tape))
      try runner.uploader.release()
      // Batches follow the dataset; inside a batch the longest sequence comes first.
      let rows = batch.asked.indices.sorted {
        batch.places[Int(batch.asked[$0])] < batch.places[Int(batch.asked[$1])]
      }
      for row in rows {
        let event = Int(batch.asked[row])
        guard targets.isKnown(places.index(of: event, in: batch)) else { continue }
        found.append(
          user: batch.sequences[event], place: batch.places[event],
          values[row * width..<(row + 1) * width])
      }
    }
    return found
  }
}

extension ScoredCases.Subject {
  init(_ subject: TargetRule.Subject) {
    switch subject {
    case .event: self = .event
    case .nextEvent: self = .nextEvent
    case .user: self = .user
    }
  }
}
