import ClseqData
import ClseqOps

/// How a state is to set the next item apart from the others: from all of them, or from a sample.
struct ItemLoss {
  private enum Kind {
    case full
    case shared(SharedNegatives, SampledLossKind)
    case own(EventNegatives, SampledLossKind)
  }

  /// From how many negatives on a draw is shared by a batch, where nothing else is said.
  private static let leastShared = 16

  private let kind: Kind
  /// Whether scores are corrected by how likely items are drawn: a softmax by popularity.
  private let hasCounts: Bool

  /// - Parameters:
  ///   - split: whose training part tells how popular items are.
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
      hasCounts = false
      return
    }
    let distribution: ItemDistribution =
      switch settings.negativeSampling {
      case .uniform: .uniform(itemCount: split.dataset.itemCount)
      case .popularity: .popularity(split.trainingCounts, exponent: 1)
      }
    hasCounts = loss == .sampledSoftmax && settings.negativeSampling == .popularity
    let isShared =
      switch settings.negativeSharing {
      case .auto: settings.negatives >= Self.leastShared
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
    let counts = hasCounts ? 2 : 0
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
      if hasCounts {
        arrays.append(negatives.logExpectedCounts(of: items).map(\.bits))
        arrays.append(negatives.logExpectedCounts(of: targets).map(\.bits))
      }
    case .own(let negatives, _):
      append(RowIndex(batch.targets, rowCount: rowCount))
      let items = negatives.items(for: batch, epoch: epoch)
      arrays.append(items)
      append(RowIndex(items, rowCount: rowCount))
      if hasCounts {
        arrays.append(negatives.logExpectedCounts(of: items).map(\.bits))
        arrays.append(negatives.logExpectedCounts(of: targets).map(\.bits))
      }
    }
    return arrays
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
    guard hasCounts else { return nil }
    func floats(_ indices: Indices) -> Tensor { tape.backend.floats(in: indices, [indices.count]) }
    return .init(negatives: floats(arrays[start]), targets: floats(arrays[start + 1]))
  }
}

extension Split {
  /// Training events of each item, item 1 first.
  var trainingCounts: [Int] {
    var counts = [Int](repeating: 0, count: dataset.vocabulary.rowCount)
    for user in 0..<dataset.userCount {
      for item in training(of: user) { counts[Int(item)] += 1 }
    }
    return Array(counts[1...dataset.itemCount])
  }
}
