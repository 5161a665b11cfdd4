/// What a model keeps that is pruned to a share of the weights of its layers.
public enum PrunedShape: Equatable, Sendable, CustomStringConvertible {
  /// Attention heads and feed-forward units of transformer blocks.
  case blocks(PrunedBlocks)
  /// Units of recurrent layers.
  case recurrence(PrunedRecurrence)

  /// A share of the weights that not even the smallest shape has.
  public struct TooSmall: Error, Equatable, Sendable {
    /// The smallest share that can be kept, rounded up to thousandths.
    public let smallest: Double
    /// What the share would keep: less than the smallest shape.
    public let kept: String

    init(_ smallest: Double, _ kept: String) {
      self.smallest = (smallest * 1_000).rounded(.up) / 1_000
      self.kept = kept
    }
  }

  /// Whether models of a kind can be pruned.
  public static func exists(for kind: ModelKind) -> Bool { kind.layers != .other }

  /// - Parameters:
  ///   - kind: A kind of blocks or recurrent layers.
  ///   - values: The settings of the whole model.
  ///   - share: The share of the weights of its layers that stay, above 0 and at most 1.
  /// - Throws: ``TooSmall``.
  public init(_ kind: ModelKind, _ values: ModelValues, keeping share: Double) throws {
    switch kind.layers {
    case .blocks: self = .blocks(try PrunedBlocks(kind, values, keeping: share))
    case .recurrent: self = .recurrence(try PrunedRecurrence(kind, values, keeping: share))
    case .other: preconditionFailure("PrunedShape: \(kind) has no part that can be removed")
    }
  }

  /// The settings of the pruned model, by key.
  public var values: [(key: String, text: String)] {
    switch self {
    case .blocks(let blocks): blocks.values
    case .recurrence(let layers): layers.values
    }
  }

  /// One line for a note.
  public var description: String {
    switch self {
    case .blocks(let blocks): blocks.description
    case .recurrence(let layers): layers.description
    }
  }
}
