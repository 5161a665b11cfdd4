import ClseqModels
import ClseqOps
import Testing

@Suite struct PrunedShapeTests {
  private func shape(
    _ share: Double, _ kind: ModelKind = .transformer,
    _ change: (inout ModelValues) -> Void = { _ in }
  ) throws -> PrunedBlocks {
    var values = ModelValues()
    change(&values)
    return try PrunedBlocks(kind, values, keeping: share)
  }

  private func layers(
    _ share: Double, _ kind: ModelKind = .lstm, _ sizes: [Int], width: Int = 64
  ) throws -> PrunedRecurrence {
    var values = ModelValues()
    (values[.recurrentSizes], values[.hiddenSize]) = (sizes, width)
    let shape = try PrunedShape(kind, values, keeping: share)
    guard case .recurrence(let layers) = shape else {
      preconditionFailure("\(shape) is not of layers")
    }
    #expect(shape.values.map(\.text) == [layers.kept.units.map(String.init).joined(separator: ",")])
    return layers
  }

  /// Two blocks of 64 channels. Of 49,984 weights of each, attention has 16,640, norms 256, and a unit 129 with 64 of the
  /// bias of all: with one head of 32 channels, 126 units fit half the weights, and 120 are a multiple of 8.
  @Test func halfOfTheUsualBlocks() throws {
    let half = try shape(0.5)
    #expect(half.whole.heads == 2 && half.whole.units == 256 && half.whole.weightCount == 99_968)
    #expect(half.kept.heads == 1 && half.kept.units == 120 && half.headWidth == 32)
    #expect(half.kept.weightCount == 2 * (8_672 + 129 * 120))
    #expect(
      half.description
        == "kept 1 of 2 heads and 120 of 256 feed-forward units of each block: 48304 of 99968 weights of the "
        + "blocks")
    #expect(half.values.map(\.text) == ["1", "32", "120"])
  }

  /// One and a half heads are two.
  @Test(arguments: [(0.75, 2, 152), (0.74, 1, 216), (1, 2, 256), (0.999, 2, 248), (0.195, 1, 8)])
  func otherShares(_ share: Double, _ heads: Int, _ units: Int) throws {
    let shape = try shape(share)
    #expect(shape.kept.heads == heads && shape.kept.units == units)
    #expect(Double(shape.kept.weightCount) <= share * Double(shape.whole.weightCount))
  }

  @Test(arguments: ModelKind.transformers, [0.25, 0.5, 0.8])
  func everyTransformerIsPruned(_ kind: ModelKind, _ share: Double) throws {
    let shape = try shape(share, kind)
    #expect(Double(shape.kept.weightCount) <= share * Double(shape.whole.weightCount))
    #expect(Double(shape.kept.weightCount) > (share - 0.1) * Double(shape.whole.weightCount))
    // The pruned shape is the whole of the next pruning.
    let again = try self.shape(1, kind) {
      for (key, text) in shape.values {
        let setting = kind.settings.first { $0.key == key }
        #expect(setting?.set(text, &$0) == true)
      }
    }
    #expect(again.whole == shape.kept && again.kept == shape.kept)
  }

  /// An LSTM of H units on D columns has 4 H (D + H + 2) weights, a GRU 3 H (D + H + 2): of 128 units on 64, 80 have at
  /// most half of them and 88 more.
  @Test(arguments: [(ModelKind.lstm, 4), (.gru, 3)])
  func halfOfARecurrentLayer(_ kind: ModelKind, _ gates: Int) throws {
    let half = try layers(0.5, kind, [128])
    #expect(half.whole.units == [128] && half.whole.weightCount == gates * 128 * 194)
    #expect(half.kept.units == [80] && half.kept.weightCount == gates * 80 * 146)
    #expect(!half.needsOutput)
    #expect(
      half.description
        == "kept 80 of 128 units of the recurrent layers: \(gates * 80 * 146) of \(gates * 128 * 194) weights of "
        + "these layers")
  }

  @Test(arguments: [[128], [96, 128], [64], [9, 64, 7], [256, 64]], [0.2, 0.5, 0.8, 1])
  func everyLayerIsPruned(_ sizes: [Int], _ share: Double) throws {
    let shape = try layers(share, .gru, sizes)
    #expect(Double(shape.kept.weightCount) <= share * Double(shape.whole.weightCount))
    #expect(zip(shape.kept.units, sizes).allSatisfy { $0 <= $1 && $0 > 0 })
    if share == 1 { #expect(shape.kept == shape.whole) }
    // Other shares of units would be no nearer than a step of 8 in each layer.
    #expect(Double(shape.kept.weightCount) > (share - 0.2) * Double(shape.whole.weightCount))
    #expect(shape.needsOutput == (sizes.last == 64 && shape.kept.units.last != 64))
  }

  /// A last layer as wide as the items would have no map to them: 128 units become 56 and not 64.
  @Test func theMapToItemsStays() throws {
    for share in stride(from: 0.2, to: 0.5, by: 0.01) {
      #expect(try layers(share, .lstm, [128]).kept.units != [64])
    }
    #expect(try layers(0.38, .lstm, [128]).kept.units == [56])
  }

  @Test func aShareThatIsTooSmallIsRefused() throws {
    #expect {
      try layers(0.01, .lstm, [128])
    } throws: {
      ($0 as? PrunedShape.TooSmall)?.smallest == 0.024
    }
    #expect {
      try shape(0.194)
    } throws: {
      ($0 as? PrunedShape.TooSmall)?.smallest == 0.195
    }
    // Where many heads leave no room for units, fewer stay.
    let narrow = try shape(0.35) { ($0[.heads], $0[.feedForwardSize]) = (8, 16) }
    #expect(narrow.kept.heads < 3 && narrow.kept.units >= 8)
  }
}

extension ModelKind {
  fileprivate static let transformers = ModelCatalog.all.filter { $0.layers == .blocks }
}
