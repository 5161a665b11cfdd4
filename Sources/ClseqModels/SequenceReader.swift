import ClseqBase
import ClseqNN
import ClseqOps

/// The layers by which a model that compresses sequences reads them.
public enum SequenceEncoding: String, Sendable, CaseIterable, Codable {
  /// LSTM layers; the last state stands for the sequence.
  case lstm
  /// GRU layers; likewise.
  case gru
  /// Transformer blocks that see the whole sequence; the mean of the states stands for it.
  case transformer
}

extension ModelSetting<SequenceEncoding> {
  /// How sequences are read.
  public static var encoder: ModelSetting {
    ModelSetting(
      "encoder", .lstm, .choice, "Layers by which a sequence is read before it is compressed")
  }
}

extension ModelSetting<Int> {
  /// Events that a filter sees.
  public static var filterWidth: ModelSetting {
    ModelSetting(
      "filter_width", 3, .integer(1...1_000),
      "Events that a filter of the encoder sees: neighbours in its first layer, every second one in its second"
    )
  }
}

/// Turns the vectors of a sequence's events into one vector, in one of the ways of ``SequenceEncoding`` or by two layers
/// of causal convolutions with positions, whose mean stands for the sequence.
struct SequenceReader {
  private enum Body {
    case recurrent(RecurrentStack)
    case blocks(TransformerStack)
    case filters([Linear], width: Int, PositionTable)
  }

  /// Most columns of a head of the attention that takes the mean.
  private static let headWidth = 64

  private let body: Body

  /// Width of the vector of a sequence, and the key of the setting that says it.
  static func width(
    of configuration: ModelConfiguration, convolves: Bool
  ) -> (columns: Int, key: String) {
    guard !convolves, configuration[.encoder] != .transformer else {
      return (configuration.width, ModelSetting.hiddenSize.key)
    }
    return (configuration[.recurrentSizes].last ?? 0, ModelSetting.recurrentSizes.key)
  }

  /// Declares `encoder.…`.
  init(
    _ configuration: ModelConfiguration, convolves: Bool, in store: ParameterStore
  ) throws {
    let width = configuration.width
    guard !convolves else {
      let taps = configuration[.filterWidth]
      // As He et al. (2015), whose deviation keeps the size of the values after ReLU.
      let deviation = (2 / Float(taps * width)).squareRoot()
      let positions = store.declare(
        "encoder.positions.weight", [configuration.positionCount, width],
        .normal(standardDeviation: 0.02))
      let filters = (0..<2).map {
        Linear(
          "encoder.filters.\($0)", inputs: taps * width, outputs: width, deviation: deviation,
          in: store)
      }
      body = .filters(filters, width: taps, .learned(positions))
      return
    }
    switch configuration[.encoder] {
    case .transformer:
      body = .blocks(
        try TransformerStack(configuration, seesAll: true, prefix: "encoder.", in: store))
    case .lstm, .gru:
      body = .recurrent(
        RecurrentStack(
          configuration[.encoder] == .lstm ? .lstm : .gru, "encoder", inputs: width,
          hiddenSizes: configuration[.recurrentSizes], dropout: configuration.dropout, in: store))
    }
  }

  /// The positions that are added to the vectors of events; nil where layers see their order.
  var positions: PositionTable? {
    switch body {
    case .recurrent: nil
    case .blocks(let stack): stack.positions
    case .filters(_, _, let positions): positions
    }
  }

  /// - Parameters:
  ///   - x: Vectors of the events, `[N, D]`.
  ///   - batch: The events.
  ///   - written: How its sequences are written back.
  /// - Returns: A vector for each sequence, `[B, width]`.
  func callAsFunction(
    _ x: Tensor, of batch: EventBatch, _ written: WrittenSequences, on tape: Tape
  ) throws -> Tensor {
    switch body {
    case .recurrent(let stack):
      let state = try stack.outputAndState(x, of: batch, on: tape).state
      return state.layers[state.layers.count - 1].hidden
    case .blocks(let stack):
      return try mean(of: try stack(x, of: batch, only: nil, on: tape), batch, written, tape)
    case .filters(let filters, let width, _):
      var x = x
      for (layer, filter) in filters.enumerated() {
        let seen =
          width == 1
          ? x
          : try tape.causalWindow(
            x, times: batch.events.times, width: width, dilation: layer + 1)
        x = try filter(seen, activation: .relu, on: tape)
      }
      return try mean(of: x, batch, written, tape)
    }
  }

  /// The mean of the states of each sequence: attention with a query of zeros weights all alike.
  private func mean(
    of states: Tensor, _ batch: EventBatch, _ written: WrittenSequences, _ tape: Tape
  ) throws -> Tensor {
    let width = states.shape[1]
    let heads = (1...width).first { width.isMultiple(of: $0) && width / $0 <= Self.headWidth } ?? 1
    return try tape.attention(
      q: try tape.backend.zeros([batch.sequenceCount, width]), k: states, v: states,
      queries: written.shape, keys: batch.shape, sequences: written.sequences, heads: heads,
      mask: .full, dropout: 0, key: nil)
  }
}
