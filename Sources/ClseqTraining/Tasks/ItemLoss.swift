import ClseqData
import ClseqInference
import ClseqOps
import ClseqSettings
import Foundation

/// How a state is to set the next item apart from the others: from all of them, or from a sample.
struct ItemLoss {
  private enum Kind {
    /// All items, with the part of a label that is spread over them, and a model that says more of each.
    case full(smoothing: Float, Teacher?)
    case shared(SharedNegatives, SampledLossKind)
    case own(EventNegatives, SampledLossKind)
  }

  /// From how many negatives on a sampled softmax shares a draw in a batch, where nothing else is said.
  /// The other losses learn much worse from shared ones.
  private static let leastShared = 16

  /// What is taken from the scores of items before the loss.
  private enum Correction {
    case none
    /// Logarithms of how often a draw holds each.
    case expectedCounts
    /// The same of all: the odds of a negative against a target.
    case odds(Float)
  }

  private let kind: Kind
  private let correction: Correction

  /// - Parameters:
  ///   - split: whose training part gives the popularity of items.
  ///   - teacher: the model whose scores are learned beside the targets; nil for none.
  /// - Throws: `SettingsError.doNotFit` for more shared negatives than there are items.
  init(
    _ settings: TrainingSettings, split: Split, teacher: Teacher? = nil
  ) throws(SettingsError) {
    let loss: SampledLossKind
    switch settings.loss {
    case .sampledSoftmax: loss = .sampledSoftmax
    case .bce: loss = .binary
    case .gbce: loss = .generalizedBinary(calibration: Float(settings.calibration))
    case .bpr: loss = .pairwise
    default:
      kind = .full(smoothing: Float(settings.labelSmoothing), teacher)
      correction = .none
      return
    }
    let distribution: ItemDistribution =
      switch settings.negativeSampling {
      case .uniform: .uniform(itemCount: split.dataset.itemCount)
      case .popularity: .popularity(Array(split.trainingCounts.dropFirst()), exponent: 1)
      }
    let weight = loss.targetWeight(
      negativeCount: settings.negatives, classCount: split.dataset.itemCount)
    let odds = Float(settings.negatives) / weight
    correction =
      switch loss {
      case .sampledSoftmax: settings.negativeSampling == .popularity ? .expectedCounts : .none
      case .binary, .generalizedBinary: odds == 1 ? .none : .odds(log(odds))
      case .pairwise: .none
      }
    let isShared =
      switch settings.negativeSharing {
      case .auto:
        settings.loss == .sampledSoftmax && settings.negatives >= Self.leastShared
      case .batch: true
      case .event: false
      }
    guard isShared else {
      // As SASRec: what the user has met is no negative.
      kind = .own(
        EventNegatives(
          count: settings.negatives, from: distribution, avoidsSequence: true,
          seed: settings.seed), loss)
      return
    }
    guard settings.negatives <= split.dataset.itemCount else {
      throw .doNotFit(
        "negatives (\(settings.negatives)) are more than the \(split.dataset.itemCount) items: use "
          + "--loss cross-entropy, which takes all")
    }
    kind = .shared(
      SharedNegatives(count: settings.negatives, from: distribution, seed: settings.seed), loss)
  }

  /// Adds the targets to an upload and, for sampling losses, their index, the negatives, their index where
  /// each event has its own, and the logarithms of expected counts.
  ///
  /// - Parameter rows: the events that the states are of; nil for all.
  /// - Returns: the loss `[1]` of states `[N, D]`, from the uploaded arrays and the factor of the sum.
  func prepare(
    _ batch: RaggedBatch, rows: [Int32]? = nil, table: Parameter, itemCount: Int, epoch: Int,
    step: Int, in plan: inout UploadPlan
  ) -> (_ x: Tensor, _ arrays: UploadedArrays, _ scale: Float, _ tape: Tape) throws -> Tensor {
    let targetItems = rows?.map { batch.targets[Int($0)] } ?? batch.targets
    let targets = plan.integers(targetItems)
    let (negatives, loss): ((UploadedArrays) -> SampledNegatives, SampledLossKind)
    switch kind {
    case .full(0, nil):
      return { x, arrays, scale, tape in
        try tape.linearCrossEntropy(
          x, table: table, targets: arrays[targets], firstClass: 1, classCount: itemCount,
          scale: scale)
      }
    case .full(let smoothing, let teacher):
      let softTargets = teacher?.prepare(batch, in: &plan)
      return { x, arrays, scale, tape in
        try tape.softCrossEntropy(
          x, table: table, targets: arrays[targets], firstClass: 1, classCount: itemCount,
          smoothing: smoothing, teacher: try softTargets?(arrays), scale: scale)
      }
    case .shared(let draws, let kind):
      let items = draws.items(epoch: epoch, step: step)
      let rows = plan.integers(items)
      let counts = corrections(items, targetItems, itemCount, draws.logExpectedCounts, in: &plan)
      loss = kind
      negatives = { .shared($0[rows], logExpectedCounts: counts?($0)) }
    case .own(let draws, let kind):
      let all = draws.items(for: batch, epoch: epoch)
      let items =
        rows?.flatMap { all[Int($0) * draws.count..<(Int($0) + 1) * draws.count] } ?? all
      let rows = plan.integers(items)
      let index = plan.rows(RowIndex(items, rowCount: table.shape[0]))
      let counts = corrections(items, targetItems, itemCount, draws.logExpectedCounts, in: &plan)
      loss = kind
      negatives = {
        .perEvent(
          $0[rows], count: draws.count, rowIndex: $0[index], logExpectedCounts: counts?($0))
      }
    }
    let targetRows = plan.rows(RowIndex(targetItems, rowCount: table.shape[0]))
    return { x, arrays, scale, tape in
      try tape.sampledLoss(
        x, table: table, targets: arrays[targets], targetRows: arrays[targetRows],
        negatives: negatives(arrays), kind: loss, firstClass: 1, classCount: itemCount,
        scale: scale)
    }
  }

  /// Adds what is taken from the scores of negatives and targets; nil for nothing.
  private func corrections(
    _ negatives: [Int32], _ targets: [Int32], _ itemCount: Int,
    _ logCounts: ([Int32]) -> [Float], in plan: inout UploadPlan
  ) -> ((UploadedArrays) -> SampledNegatives.LogExpectedCounts)? {
    // An event without a target adds nothing, whatever its count.
    let targets = targets.map { $0 >= 1 && $0 <= itemCount ? $0 : 1 }
    let numbers: [[Float]]
    switch correction {
    case .none: return nil
    case .expectedCounts: numbers = [negatives, targets].map(logCounts)
    case .odds(let odds):
      numbers = [negatives, targets].map { [Float](repeating: odds, count: $0.count) }
    }
    let (first, second) = (plan.numbers(numbers[0]), plan.numbers(numbers[1]))
    return { .init(negatives: $0[first], targets: $0[second]) }
  }
}
