import ClseqData
import ClseqModels
import ClseqNN
import ClseqOps
import ClseqRuns
import Foundation

/// How well a model writes the sequences of a part back from their codes, the means of their distributions where they
/// have any. As in training the true events before each are given.
struct ReconstructionScoring: TaskScoring {
  let split: Split
  /// Whether codes have a distribution.
  let isVariational: Bool
  let heads: ReconstructionHeads
  package var selection: SelectionMetric { .reconstruction(isVariational: isVariational) }

  package func neighbours(of part: Split.Part) -> [Neighbour] { [] }

  package func cases(of part: Split.Part, by runner: ModelRunner) throws -> [ScoredCases] {
    guard let model = runner.model as? any CompressingModel else {
      preconditionFailure("ReconstructionScoring: the model compresses nothing")
    }
    let examples = (0..<split.dataset.userCount).lazy.compactMap { user -> Example? in
      let places = split.targetPlaces(of: user, for: part).suffix(runner.maximumLength)
      return places.isEmpty ? nil : Example(sequence: Int32(user), inputs: places)
    }
    var found = Found(heads)
    try runner.forEachBatch(of: examples, in: split.dataset, "scoring") { [runner] batch in
      try found.add(batch, model, heads, runner)
    }
    return [found.cases(of: split, weight: model.divergenceWeight, codeWidth: model.codeWidth)]
  }
}

/// What was computed of batches, in their order.
private struct Found {
  private var parts: [ReconstructionAnswers.Part]
  private var users: [Int32] = []
  private var places: [Int] = []
  /// Of each sequence, its user and the divergence of each dimension of its code.
  private var divergences: [(user: Int32, values: [Double])] = []

  init(_ heads: ReconstructionHeads) {
    parts = [.init(name: ReconstructionAnswers.item, isNumber: false)]
    parts += heads.heads.map { head in
      if case .number = head.part { return .init(name: head.name, isNumber: true) }
      return .init(name: head.name, isNumber: false)
    }
  }

  mutating func add(
    _ batch: RaggedBatch, _ model: any CompressingModel, _ heads: ReconstructionHeads,
    _ runner: ModelRunner
  ) throws {
    guard let table = model.outputTable else {
      preconditionFailure("ReconstructionScoring: the model writes no items")
    }
    let (events, _) = try runner.upload(batch, isTraining: false)
    let tape = Tape(runner.backend, mode: .inference)
    let codes = try model.codes(of: events, on: tape)
    let states = try model.states(of: events, from: codes.means, on: tape)
    let outputs = try heads.heads.map { try runner.backend.read(try $0.layer(states, on: tape)) }
    users += batch.sequences
    places += batch.places
    try runner.backend.readScores(
      states, table: table.value, firstItem: 1, itemCount: model.itemCount
    ) { event, scores in
      parts[0].add(scores, truth: Int(batch.items[event]) - 1)
    }
    for (index, head) in heads.heads.enumerated() {
      let truths = ReconstructionHeads.truths(of: head.part, in: batch, runner.inputs)
      parts[index + 1].add(outputs[index], truths, head.part, batch, runner.inputs)
    }
    if let logVariances = codes.logVariances {
      let (means, logs) = (
        try runner.backend.read(codes.means), try runner.backend.read(logVariances)
      )
      for (row, first) in batch.offsets.dropLast().enumerated() {
        let columns = row * model.codeWidth..<(row + 1) * model.codeWidth
        divergences.append(
          (batch.sequences[Int(first)], columns.map { Self.divergence(means[$0], logs[$0]) }))
      }
    }
    try runner.uploader.release()
  }

  /// (eˡ + m² − 1 − l) / 2.
  private static func divergence(_ mean: Float, _ logVariance: Float) -> Double {
    let (m, l) = (Double(mean), Double(logVariance))
    return (exp(l) + m * m - 1 - l) / 2
  }

  /// The cases in the order of the dataset: inside a batch the longest sequence comes first.
  func cases(of split: Split, weight: Double?, codeWidth: Int) -> ScoredCases {
    let order = places.indices.sorted { places[$0] < places[$1] }
    var answers = ReconstructionAnswers(parts: parts, divergences: nil, users: [])
    for part in parts.indices {
      answers.parts[part].losses = order.map { parts[part].losses[$0] }
      answers.parts[part].marks = order.map { parts[part].marks[$0] }
    }
    if let weight {
      answers.divergences = .init(
        values: divergences.sorted { $0.user < $1.user }.flatMap(\.values), width: codeWidth,
        weight: weight)
    }
    return ScoredCases(
      .event, datasetUsers: order.map { users[$0] }, places: LazyValues(order.map { places[$0] }),
      answers, of: split)
  }
}

extension ReconstructionAnswers.Part {
  /// Half the logarithm of 2 π, which a normal density of deviation 1 has beside half the squared error.
  private static let normalConstant = 0.5 * log(2 * Double.pi)

  /// Adds the item of an event, from the scores of all; one that training does not know has no truth.
  fileprivate mutating func add(_ scores: UnsafeMutableBufferPointer<Float>, truth: Int) {
    guard scores.indices.contains(truth) else { return addNothing() }
    let largest = ScoreVectors.largest(of: scores)
    let sum = ScoreVectors.weightSum(of: scores, largest: largest, factor: 1)
    losses.append(Double(largest) - Double(scores[truth]) + log(sum))
    // Items that score like the true one count against it.
    let isHit = scores[truth] == largest && scores.count { $0 >= largest } == 1
    marks.append(isHit ? 1 : 0)
  }

  /// Adds what a head says of a batch's events.
  fileprivate mutating func add(
    _ outputs: [Float], _ truths: ReconstructionHeads.Truths, _ part: ReconstructionHeads.Part,
    _ batch: RaggedBatch, _ inputs: EncodedInputs
  ) {
    switch truths {
    case .classes(let classes):
      let width = outputs.count / max(1, classes.count)
      for (event, truth) in classes.enumerated() {
        guard truth >= 0 else { addNothing(); continue }
        let row = outputs[event * width..<(event + 1) * width]
        let probabilities = RowGoal.classes(names: [], weights: nil).probabilities(row)
        losses.append(-log(max(probabilities[Int(truth)], 1e-300)))
        marks.append(RowGoal.likeliest(row) == Int(truth) ? 1 : 0)
      }
    case .numbers(let numbers):
      guard case .number(let index) = part else { return }
      let feature = inputs.encoding.features[index]
      for (event, truth) in numbers.enumerated() {
        guard !truth.isNaN else { addNothing(); continue }
        let gap = Double(outputs[event]) - Double(truth)
        losses.append(gap * gap / 2 + Self.normalConstant)
        marks.append(
          feature.number(ofStandardized: outputs[event])
            - inputs.number(index, at: batch.places[event]))
      }
    case .yes(let answers):
      for (event, answer) in answers.enumerated() {
        let logit = Double(outputs[event]) * (answer == 1 ? 1 : -1)
        losses.append(log1p(exp(-abs(logit))) + max(0, -logit))
        marks.append((outputs[event] > 0) == (answer == 1) ? 1 : 0)
      }
    }
  }

  private mutating func addNothing() {
    losses.append(.nan)
    marks.append(.nan)
  }
}
