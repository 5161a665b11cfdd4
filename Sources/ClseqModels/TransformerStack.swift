import ClseqBase
public import ClseqNN
import ClseqOps
import Foundation

/// How a transformer encodes the positions of events.
public enum PositionEncoding: String, Sendable, CaseIterable, Codable {
  /// One trained vector per position.
  case learned
  /// Fixed sines and cosines (Vaswani et al. 2017, section 3.5).
  case sinusoidal
}

extension ModelSetting<Int> {
  /// Transformer blocks.
  public static var layers: ModelSetting {
    ModelSetting("layers", 2, .integer(1...1_000), "Transformer or state-space blocks")
  }

  /// Attention heads H.
  public static var heads: ModelSetting {
    ModelSetting(
      "heads", 2, .integer(1...1_024),
      "Attention heads; must divide the hidden size unless their width is set")
  }

  /// Width K of a head; 0 for the model width over the heads.
  public static var headWidth: ModelSetting {
    ModelSetting(
      "head_width", 0, .integer(0...65_536),
      "Width of an attention head; 0 for the hidden size divided by the heads")
  }

  /// Maximum number of events that an event attends to.
  public static var attentionWindow: ModelSetting {
    ModelSetting(
      "attention_window", 0, .integer(0...65_536),
      "Maximum number of events that an event attends to in a block, the last ones; 0 for all")
  }
}

extension ModelSetting<TransformerBlock.NormPlacement> {
  /// Whether a block normalises before or after its sublayers.
  public static var norm: ModelSetting {
    ModelSetting("norm", .pre, .choice, "Position of the layer norm: before or after the sublayers")
  }
}

extension ModelSetting<PositionEncoding> {
  /// How positions enter.
  public static var positions: ModelSetting {
    ModelSetting("positions", .learned, .choice, "Position embeddings")
  }
}

/// Positions and blocks of a transformer, from the vectors of events to their states.
struct TransformerStack {
  /// The settings of models with such a stack.
  static let settings: [OwnedSetting] = [
    OwnedSetting(.hiddenSize), OwnedSetting(.layers), OwnedSetting(.heads),
    OwnedSetting(.headWidth), OwnedSetting(.attentionWindow), OwnedSetting(.feedForwardSize),
    OwnedSetting(.dropout),
    OwnedSetting(.activation),
    OwnedSetting(.norm), OwnedSetting(.positions),
  ]

  /// Why settings do not fit together; nil where they do.
  @Sendable static func fault(_ configuration: ModelConfiguration) -> String? {
    let (width, heads) = (configuration.width, configuration[.heads])
    if configuration[.headWidth] > 0 { return nil }
    return width.isMultiple(of: heads) ? nil : "heads (\(heads)) must divide hidden_size (\(width))"
  }

  let positions: PositionTable
  let dropout: DropoutRate
  /// Most events of a sequence. A summary has the position of the event after it.
  private let longest: Int
  private let blocks: [TransformerBlock]
  private let norm: LayerNorm?

  /// Declares `positions.weight`, `blocks.0` … and `norm`.
  ///
  /// - Parameters:
  ///   - seesAll: Whether events see those after them too.
  ///   - reads: Whether it is a decoder, which reads the states of an encoder.
  ///   - prefix: The prefix of the names of parameters.
  ///   - count: The number of positions; that of the configuration when nil.
  init(
    _ configuration: ModelConfiguration, seesAll: Bool = false, reads: Bool = false,
    prefix: String = "", positions count: Int? = nil, in store: ParameterStore
  ) throws {
    let width = configuration.width
    let positionCount = count ?? configuration.positionCount
    longest = positionCount + (configuration.hasSummary ? 1 : 0)
    dropout = DropoutRate(configuration.dropout)
    positions =
      switch configuration[.positions] {
      case .learned:
        .learned(
          store.declare(
            prefix + "positions.weight", [positionCount, width], .normal(standardDeviation: 0.02)))
      case .sinusoidal:
        .fixed(
          try store.constant(
            Self.sinusoids(count: positionCount, width: width), [positionCount, width]))
      }
    let window = configuration[.attentionWindow]
    var block = TransformerBlock.Configuration(
      width: width, heads: configuration[.heads],
      mask: seesAll ? .full : window > 0 ? .window(window) : .causal,
      innerWidth: configuration.innerWidth,
      dropout: configuration.dropout, activation: configuration[.activation],
      norm: configuration[.norm])
    block.headWidth = configuration.headWidth
    block.adaptation = configuration.adaptation
    blocks = (0..<configuration[.layers]).map {
      TransformerBlock("\(prefix)blocks.\($0)", block, reads: reads, in: store)
    }
    norm =
      configuration[.norm] == .pre ? LayerNorm(prefix + "norm", width: width, in: store) : nil
  }

  /// - Parameters:
  ///   - x: vectors of the events `[N, D]`.
  ///   - rows: the events to compute the states of; all when nil.
  ///   - steps: what each block keeps of earlier events; none when empty.
  ///   - read: what a decoder reads; nil for any other stack.
  func callAsFunction(
    _ x: Tensor, of batch: EventBatch, only rows: EventRows?, in steps: [BlockStep] = [],
    reading read: ReadStates? = nil, on tape: Tape
  ) throws -> Tensor {
    let last = blocks[blocks.count - 1]
    return try last(
      try inputOfLastBlock(x, of: batch, in: steps, reading: read, on: tape), before: nil,
      norm: norm, of: batch, only: rows, in: steps.last?.own,
      reading: read.map { ($0, steps.last?.read) }, on: tape
    ).normed
  }

  /// The memories of a block: of its own events, and of what it reads.
  struct BlockStep {
    let (own, read): (AttentionStep, AttentionStep?)
  }

  /// What each block keeps in a memory.
  func steps(
    in memory: EventMemory, after earlier: EarlierEvents?, reads: Bool = false
  ) -> [BlockStep] {
    func step(_ layer: Int) -> AttentionStep { AttentionStep(memory.layer(layer), after: earlier) }
    return blocks.indices.map {
      BlockStep(own: step($0), read: reads ? step(blocks.count + $0) : nil)
    }
  }

  /// The attention weights of each sequence's last event in the last block, `[N, H]`.
  func attentionWeights(_ x: Tensor, of batch: EventBatch, on tape: Tape) throws -> [Tensor] {
    let stream = try inputOfLastBlock(x, of: batch, on: tape)
    return [try blocks[blocks.count - 1].attentionWeights(stream, of: batch, on: tape)]
  }

  private func inputOfLastBlock(
    _ x: Tensor, of batch: EventBatch, in steps: [BlockStep] = [], reading read: ReadStates? = nil,
    on tape: Tape
  ) throws -> TransformerBlock.Stream {
    precondition(
      batch.maximumLength <= longest,
      "transformer: length \(batch.maximumLength), at most \(longest)")
    var stream = try blocks[0].stream(from: x, on: tape)
    for (number, (block, next)) in zip(blocks, blocks.dropFirst()).enumerated() {
      let step = steps.isEmpty ? nil : steps[number]
      stream = try block(
        stream, before: next, norm: nil, of: batch, in: step?.own,
        reading: read.map { ($0, step?.read) }, on: tape)
    }
    return stream
  }

  /// `[count, width]`: sine in even, cosine in odd columns, scaled to the size of an initial item
  /// row.
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
