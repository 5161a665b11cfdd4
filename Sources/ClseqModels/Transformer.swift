public import ClseqNN
public import ClseqOps
import Foundation

/// A causal transformer over item sequences with a tied item table: SASRec with full softmax.
///
/// Sources: Kang and McAuley, "Self-attentive sequential recommendation" (ICDM 2018); cross-entropy
/// over all items as in Klenitskiy and Vasilev, "Turning dross into gold loss" (RecSys 2023).
public struct Transformer: SequenceModel {
  /// How the model knows the order of events.
  public enum Positions: String, Sendable, CaseIterable, Codable {
    /// A trained row a position.
    case learned
    /// Fixed sines and cosines (Vaswani et al. 2017, section 3.5).
    case sinusoidal
  }

  /// The sizes of a model.
  public struct Configuration: Sendable, Equatable {
    /// Number of items V.
    public var itemCount: Int
    /// Rows of the item table above V, for inputs that are no item of the catalogue, such as the
    /// unknown one. They are never ranked, and no class of the softmax.
    public var specialCount: Int
    /// Longest input.
    public var maximumLength: Int
    /// Number of blocks.
    public var layers: Int
    /// Sizes of a block.
    public var block: TransformerBlock.Configuration
    /// How the model knows the order of events.
    public var positions: Positions

    /// Sizes as given.
    public init(
      itemCount: Int, specialCount: Int = 0, maximumLength: Int, layers: Int,
      block: TransformerBlock.Configuration, positions: Positions
    ) {
      self.itemCount = itemCount
      self.specialCount = specialCount
      self.maximumLength = maximumLength
      self.layers = layers
      self.block = block
      self.positions = positions
    }
  }

  /// `[1 + V + specials, D]`.
  public let itemTable: Parameter
  /// Number of items V.
  public var itemCount: Int { configuration.itemCount }
  private let configuration: Configuration
  private let positions: PositionTable
  private let blocks: [TransformerBlock]
  private let norm: LayerNorm?

  /// Declares the model's parameters.
  public init(_ configuration: Configuration, in store: ParameterStore) throws {
    self.configuration = configuration
    let width = configuration.block.width
    itemTable = store.declare(
      "items.weight", [1 + configuration.itemCount + configuration.specialCount, width],
      .normal(standardDeviation: 0.02))
    positions =
      switch configuration.positions {
      case .learned:
        .learned(
          store.declare(
            "positions.weight", [configuration.maximumLength, width],
            .normal(standardDeviation: 0.02)))
      case .sinusoidal:
        .fixed(
          try store.constant(
            Self.sinusoids(count: configuration.maximumLength, width: width),
            [configuration.maximumLength, width]))
      }
    blocks = (0..<configuration.layers).map {
      TransformerBlock("blocks.\($0)", configuration.block, in: store)
    }
    norm = configuration.block.norm == .pre ? LayerNorm("norm", width: width, in: store) : nil
  }

  /// Hidden state `[N, D]` after each event, or after some events only. The last block then computes
  /// what comes after its attention for those alone.
  public func hiddenStates(
    of batch: EventBatch, only rows: Indices? = nil, on tape: Tape
  ) throws -> Tensor {
    precondition(
      batch.maximumLength <= configuration.maximumLength,
      "Transformer: length \(batch.maximumLength), at most \(configuration.maximumLength)")
    var x = try tape.embedding(
      batch.events, table: itemTable, positions: positions,
      dropout: DropoutRate(configuration.block.dropout), layer: "embedding_dropout")
    for block in blocks.dropLast() { x = try block(x, of: batch, on: tape) }
    x = try blocks.last?(x, of: batch, only: rows, on: tape) ?? tape.rows(rows, of: x)
    return try norm?(x, on: tape) ?? x
  }

  /// `[count, width]`: sine in even, cosine in odd columns, scaled to the size of a first item row.
  static func sinusoids(count: Int, width: Int) -> [Float] {
    (0..<count).flatMap { position in
      (0..<width).map { column in
        let rate = pow(10_000, -Double(column / 2 * 2) / Double(width))
        let angle = Double(position) * rate
        return Float(0.02 * (column % 2 == 0 ? sin(angle) : cos(angle)))
      }
    }
  }
}
