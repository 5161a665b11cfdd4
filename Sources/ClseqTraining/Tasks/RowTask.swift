import ClseqData
import ClseqInference
import ClseqNN
import ClseqModels
import ClseqOps
import ClseqRuns

/// Training for a target: how far the outputs of a head are from its truths.
struct RowTask: TrainingTask {
  let examples: Examples
  private let goal: RowGoal
  private let places: TaskExamples
  private let head: Linear
  private let classWeights: Tensor?
  /// The truths that training may know.
  private var targets: Targets { places.trainingTargets }

  /// - Parameter head: `[C, state width]`.
  /// - Throws: `OpenCLError.overBudget` when the weights of classes do not fit.
  init(_ row: TaskPlan.Row, head: Linear, in store: ParameterStore) throws {
    (goal, places, examples) = (row.goal, row.places, row.examples)
    self.head = head
    if case .classes(_, let weights?) = goal {
      classWeights = try store.constant(weights, [weights.count])
    } else {
      classWeights = nil
    }
  }

  /// Rows of the batch and their index, if not all events have a target; then the truths.
  func arrays(of batch: RaggedBatch, epoch: Int, step: Int) -> [[Int32]] {
    let indices = batch.targetRows.map { places.index(of: Int($0), in: batch) }
    var arrays: [[Int32]] = []
    if batch.targetRows.count < batch.eventCount {
      let index = RowIndex(batch.targetRows, rowCount: batch.eventCount)
      arrays = [batch.targetRows, index.order, index.rows, index.rowOffsets]
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
    return truths + (batch.targetRows.count < batch.eventCount ? 4 : 0)
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
    dividedBy divisor: [Float], at moment: TrainingMoment, on tape: Tape
  ) throws -> Tensor {
    var arrays = Array(arrays)
    var rows = states
    if batch.targetRows.count < batch.eventCount {
      rows = try tape.gather(
        states, rows: arrays[0],
        index: DeviceRowIndex(order: arrays[1], rows: arrays[2], rowOffsets: arrays[3]))
      arrays.removeFirst(4)
    }
    let outputs = try head(rows, on: tape)
    let shape = [batch.targetRows.count, 1]
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

  /// The events with a known target.
  func divisor(of batch: RaggedBatch) -> [Float] {
    [
      Float(
        max(1, batch.targetRows.count { targets.isKnown(places.index(of: Int($0), in: batch)) }))
    ]
  }
}
