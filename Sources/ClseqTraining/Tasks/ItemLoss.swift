import ClseqData
import ClseqInference
import ClseqOps
import ClseqSettings
import Foundation

/// How a state is to set the next item apart from the others: from all of them, or from a sample.
struct ItemLoss {
  private enum Kind {
    case full
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
  /// - Throws: `SettingsError.doNotFit` for more shared negatives than there are items.
  init(_ settings: TrainingSettings, split: Split) throws(SettingsError) {
    let loss: SampledLossKind
    switch settings.loss {
    case .sampledSoftmax: loss = .sampledSoftmax
    case .bce: loss = .binary
    case .gbce: loss = .generalizedBinary(calibration: Float(settings.calibration))
    case .bpr: loss = .pairwise
    default:
      kind = .full
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

  /// How many arrays `arrays(of:…)` gives.
  var arrayCount: Int {
    let counts = if case .none = correction { 0 } else { 2 }
    return switch kind {
    case .full: 1
    case .shared: 5 + counts
    case .own: 8 + counts
    }
  }

  /// Targets and, for sampling losses, their index, the negatives, their index where each event has
  /// its own, and the logarithms of expected counts.
  func arrays(
    of batch: RaggedBatch, itemCount: Int, rowCount: Int, epoch: Int, step: Int
  ) -> [[Int32]] {
    var arrays = [batch.targets]
    func append(_ index: RowIndex) { arrays += [index.order, index.rows, index.rowOffsets] }
    // An event without a target adds nothing, whatever its count.
    lazy var targets = batch.targets.map { $0 >= 1 && $0 <= itemCount ? $0 : 1 }
    switch kind {
    case .full: break
    case .shared(let negatives, _):
      append(RowIndex(batch.targets, rowCount: rowCount))
      let items = negatives.items(epoch: epoch, step: step)
      arrays.append(items)
      arrays += corrections([items, targets], negatives.logExpectedCounts)
    case .own(let negatives, _):
      append(RowIndex(batch.targets, rowCount: rowCount))
      let items = negatives.items(for: batch, epoch: epoch)
      arrays.append(items)
      append(RowIndex(items, rowCount: rowCount))
      arrays += corrections([items, targets], negatives.logExpectedCounts)
    }
    return arrays
  }

  /// What is taken from the scores of these items, as bits.
  private func corrections(
    _ items: [[Int32]], _ logCounts: ([Int32]) -> [Float]
  ) -> [[Int32]] {
    switch correction {
    case .none: []
    case .expectedCounts: items.map { logCounts($0).map(\.bits) }
    case .odds(let odds): items.map { [Int32](repeating: odds.bits, count: $0.count) }
    }
  }

  /// The loss `[1]`.
  ///
  /// - Parameter arrays: what `arrays(of:…)` gave.
  func launch(
    _ x: Tensor, table: Parameter, itemCount: Int, _ arrays: ArraySlice<Indices>, scale: Float,
    on tape: Tape
  ) throws -> Tensor {
    let arrays = Array(arrays)
    let loss: SampledLossKind
    let negatives: SampledNegatives
    switch kind {
    case .full:
      return try tape.linearCrossEntropy(
        x, table: table, targets: arrays[0], firstClass: 1, classCount: itemCount, scale: scale)
    case .shared(_, let kind):
      loss = kind
      negatives = .shared(arrays[4], logExpectedCounts: counts(arrays, from: 5, on: tape))
    case .own(let drawn, let kind):
      loss = kind
      negatives = .perEvent(
        arrays[4], count: drawn.count, rowIndex: index(arrays, from: 5),
        logExpectedCounts: counts(arrays, from: 8, on: tape))
    }
    return try tape.sampledLoss(
      x, table: table, targets: arrays[0], targetRows: index(arrays, from: 1),
      negatives: negatives, kind: loss, firstClass: 1, classCount: itemCount, scale: scale)
  }

  private func index(_ arrays: [Indices], from start: Int) -> DeviceRowIndex {
    DeviceRowIndex(
      order: arrays[start], rows: arrays[start + 1], rowOffsets: arrays[start + 2])
  }

  private func counts(
    _ arrays: [Indices], from start: Int, on tape: Tape
  ) -> SampledNegatives.LogExpectedCounts? {
    if case .none = correction { return nil }
    func floats(_ indices: Indices) -> Tensor { tape.backend.floats(in: indices, [indices.count]) }
    return .init(negatives: floats(arrays[start]), targets: floats(arrays[start + 1]))
  }
}
