import ClseqOps

/// How many attention heads and feed-forward units of each block a transformer keeps that is pruned to a share of the
/// weights of its blocks.
///
/// Heads and units are removed by the same share as nearly as whole heads allow: the number of heads is the share of
/// them, rounded, and at least one; that of units is the largest multiple of 8 with which the blocks have no more than
/// the share of their weights. Where not even 8 units fit, there are fewer heads.
public struct PrunedBlocks: Equatable, Sendable, CustomStringConvertible {
  /// A size of the blocks.
  public struct Size: Equatable, Sendable {
    /// Attention heads H.
    public let heads: Int
    /// Feed-forward units F of a block.
    public let units: Int
    /// Values of all blocks, norms and biases among them.
    public fileprivate(set) var weightCount = 0

    fileprivate init(heads: Int, units: Int) { (self.heads, self.units) = (heads, units) }
  }

  /// What is kept.
  public let kept: Size
  /// What there was.
  public let whole: Size
  /// Width K of a head, which stays.
  public let headWidth: Int

  /// - Parameters:
  ///   - kind: A kind with transformer blocks.
  ///   - values: The settings of the whole model.
  ///   - share: The share of the weights of its blocks that stay, above 0 and at most 1.
  /// - Throws: ``PrunedShape/TooSmall``.
  public init(_ kind: ModelKind, _ values: ModelValues, keeping share: Double) throws {
    precondition(kind.layers == .blocks, "PrunedBlocks: \(kind) has no blocks")
    let configuration = ModelConfiguration(kind, itemCount: 1, values)
    let headWidth = configuration.headWidth
    func counted(_ heads: Int, _ units: Int) throws -> Size {
      var (size, configuration) = (Size(heads: heads, units: units), configuration)
      (configuration[.heads], configuration[.headWidth]) = (heads, headWidth)
      configuration[.feedForwardSize] = units
      let store = ParameterStore(.reference(memoryBudget: .max / 2))
      _ = try kind.model(configuration, in: store)
      size.weightCount = store.parameters.filter { $0.name.contains("blocks.") }
        .reduce(0) { $0 + $1.count }
      return size
    }
    whole = try counted(configuration[.heads], configuration.innerWidth)
    self.headWidth = headWidth
    let limit = Int(share * Double(whole.weightCount))
    let step = min(8, whole.units)
    var heads = max(1, Int((share * Double(whole.heads)).rounded()))
    while true {
      let least = try counted(heads, step)
      if least.weightCount <= limit {
        let perStep = try counted(heads, 2 * step).weightCount - least.weightCount
        let steps = 1 + (limit - least.weightCount) / perStep
        kept = try counted(heads, min(whole.units, steps * step))
        return
      }
      guard heads > 1 else {
        let share = Double(least.weightCount) / Double(whole.weightCount)
        throw PrunedShape.TooSmall(
          share, "less than a head and a few feed-forward units of each block")
      }
      heads -= 1
    }
  }

  /// The settings of the pruned model, by key.
  public var values: [(key: String, text: String)] {
    [
      ("heads", "\(kept.heads)"), ("head_width", "\(headWidth)"),
      ("feed_forward_size", "\(kept.units)"),
    ]
  }

  /// One line for a note.
  public var description: String {
    "kept \(kept.heads) of \(whole.heads) heads and \(kept.units) of \(whole.units) feed-forward units of each "
      + "block: \(kept.weightCount) of \(whole.weightCount) weights of the blocks"
  }
}
