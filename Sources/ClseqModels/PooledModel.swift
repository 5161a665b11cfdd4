public import ClseqNN
public import ClseqOps

/// How the states of a sequence up to an event, or of a whole one, become the one that a head reads.
public enum Pooling: String, Sendable, CaseIterable, Codable {
  /// The state of the event itself.
  case last
  /// The mean of the states of all events up to it.
  case mean
  /// A weighted mean, by the product of each state with a trained vector.
  case attention
  /// The state of a summary in front of the events, of a model that sees what follows.
  case summary
}

/// A model whose states are pooled over the events of a sequence: the state of an event stands for all events
/// up to it.
///
/// Both means are attention of each event to those up to it: with a query of zeros all weights are equal, with a
/// trained query the weights are `softmax_m(query · h[m] / √K)` in heads of width K.
public struct PooledModel: SequenceModel {
  /// Most columns of a head.
  private static let headWidth = 64

  /// That of the model.
  public var itemTable: Parameter { base.itemTable }
  /// That of the model.
  public var outputTable: Parameter? { base.outputTable }
  /// Number of items V.
  public var itemCount: Int { base.itemCount }
  /// That of the model.
  public var stateWidth: Int { base.stateWidth }
  /// That of the model.
  public var maskItem: Int32? { base.maskItem }
  /// That of the model.
  public var summaryItem: Int32? { base.summaryItem }
  /// Those of the model.
  public var auxiliaryLosses: [AuxiliaryLoss] { base.auxiliaryLosses }
  private let base: any SequenceModel
  private let query: Linear?

  /// Declares `pooling.query` for a trained one.
  public init(_ base: any SequenceModel, _ pooling: Pooling, in store: ParameterStore) {
    self.base = base
    query =
      pooling == .attention
      ? Linear("pooling.query", inputs: 1, outputs: base.stateWidth, hasBias: false, in: store)
      : nil
  }

  /// Pooled states `[N, state width]`, or those of some events alone.
  public func hiddenStates(
    of batch: EventBatch, only rows: EventRows?, on tape: Tape
  ) throws -> Tensor {
    try pooled(try base.hiddenStates(of: batch, only: nil, on: tape), of: batch, rows, tape)
  }

  /// Pooled states in training.
  public func trainingStates(
    of batch: EventBatch, at moment: TrainingMoment, only rows: EventRows?, on tape: Tape
  ) throws -> TrainingStates {
    let result = try base.trainingStates(of: batch, at: moment, only: nil, on: tape)
    return TrainingStates(
      try pooled(result.states, of: batch, rows, tape), losses: result.losses)
  }

  private func pooled(
    _ states: Tensor, of batch: EventBatch, _ rows: EventRows?, _ tape: Tape
  ) throws -> Tensor {
    let (count, width) = (batch.eventCount, stateWidth)
    let queries =
      try query.map {
        try $0(try tape.backend.filled([count, 1], with: 1), isConstant: true, on: tape)
      } ?? tape.backend.zeros([count, width])
    let heads = (1...width).first { width.isMultiple(of: $0) && width / $0 <= Self.headWidth } ?? 1
    let means = try tape.attention(
      q: queries, k: states, v: states, queries: batch.shape, keys: batch.shape,
      sequences: batch.events.sequences, heads: heads, mask: .causal, dropout: 0, key: nil)
    return try tape.rows(rows, of: means)
  }
}
