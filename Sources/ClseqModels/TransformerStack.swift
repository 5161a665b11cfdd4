import ClseqNN
import ClseqOps
import Foundation

/// Positions and blocks of a transformer, from the vectors of events to their states.
struct TransformerStack {
  let positions: PositionTable
  let dropout: DropoutRate
  private let maximumLength: Int
  private let blocks: [TransformerBlock]
  private let norm: LayerNorm?

  /// Declares `positions.weight`, `blocks.0` … and `norm`.
  init(_ configuration: ModelConfiguration, in store: ParameterStore) throws {
    let width = configuration.width
    maximumLength = configuration.maximumLength
    dropout = DropoutRate(configuration.dropout)
    positions =
      switch configuration.positions {
      case .learned:
        .learned(
          store.declare(
            "positions.weight", [maximumLength, width], .normal(standardDeviation: 0.02)))
      case .sinusoidal:
        .fixed(
          try store.constant(
            Self.sinusoids(count: maximumLength, width: width), [maximumLength, width]))
      }
    let block = TransformerBlock.Configuration(
      width: width, heads: configuration.heads, innerWidth: configuration.innerWidth,
      dropout: configuration.dropout, activation: configuration.activation,
      norm: configuration.norm)
    blocks = (0..<configuration.layers).map {
      TransformerBlock("blocks.\($0)", block, in: store)
    }
    norm = configuration.norm == .pre ? LayerNorm("norm", width: width, in: store) : nil
  }

  /// - Parameters:
  ///   - x: vectors of the events `[N, D]`.
  ///   - rows: the events to compute the states of; all when nil. For inference only.
  func callAsFunction(
    _ x: Tensor, of batch: EventBatch, only rows: Indices?, on tape: Tape
  ) throws -> Tensor {
    var x = try inputOfLastBlock(x, of: batch, on: tape)
    x = try blocks.last?(x, of: batch, only: rows, on: tape) ?? tape.rows(rows, of: x)
    return try norm?(x, on: tape) ?? x
  }

  /// The attention weights of each sequence's last event in the last block, `[N, H]`.
  func attentionWeights(_ x: Tensor, of batch: EventBatch, on tape: Tape) throws -> [Tensor] {
    let x = try inputOfLastBlock(x, of: batch, on: tape)
    return try blocks.suffix(1).map { try $0.attentionWeights(x, of: batch, on: tape) }
  }

  private func inputOfLastBlock(
    _ x: Tensor, of batch: EventBatch, on tape: Tape
  ) throws -> Tensor {
    precondition(
      batch.maximumLength <= maximumLength,
      "transformer: length \(batch.maximumLength), at most \(maximumLength)")
    var x = x
    for block in blocks.dropLast() { x = try block(x, of: batch, on: tape) }
    return x
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
