import ClseqModels
import ClseqOps
import Testing

@Suite struct PrunedShapeTests {
  private func shape(
    _ share: Double, _ kind: ModelKind = .transformer,
    _ change: (inout ModelValues) -> Void = { _ in }
  ) throws -> PrunedShape {
    var values = ModelValues()
    change(&values)
    return try PrunedShape(kind, values, keeping: share)
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

  @Test func aShareThatIsTooSmallIsRefused() throws {
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
  fileprivate static let transformers = ModelCatalog.all.filter(\.isTransformer)
}
