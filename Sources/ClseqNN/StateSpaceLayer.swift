public import ClseqOps

/// The kinds of state-space layers.
public enum StateSpaceKind: String, Sendable, CaseIterable, Codable {
  /// A linear recurrent unit (LRU): every event counts alike.
  case linear
  /// Gates of the event decide how much the state forgets (Griffin, Mamba).
  case selective

  package func layer(
    _ name: String, _ sizes: StateSpaceSizes, in store: ParameterStore
  ) -> any StateSpaceLayer {
    switch self {
    case .linear: LinearRecurrentUnit(name, sizes, in: store)
    case .selective: SelectiveRecurrentUnit(name, sizes, in: store)
    }
  }
}

/// The sizes of a state-space layer.
public struct StateSpaceSizes: Sendable, Equatable {
  /// D of input and output.
  public var width: Int
  /// C, channels of the state.
  public var channels: Int
  /// Codes of gaps between events; 0 where they are not known.
  public var gapCount: Int

  /// Sizes as given.
  public init(width: Int, channels: Int, gapCount: Int) {
    (self.width, self.channels, self.gapCount) = (width, channels, gapCount)
  }
}

/// A layer whose state after an event follows from the event and the state before it, and has a fixed size.
package protocol StateSpaceLayer {
  /// - Parameters:
  ///   - x: `[N, D]`.
  ///   - batch: whole sequences, or where there is a state, one more event of each.
  ///   - memory: the state before the events, in inference; nil where none is kept.
  ///   - tape: the tape.
  /// - Returns: `[N, D]`, and the state after the last event of each sequence if there is a memory.
  /// - Throws: `OpenCLError` when memory runs out or a launch fails.
  func callAsFunction(
    _ x: Tensor, of batch: EventBatch, in memory: StateMemory?, on tape: Tape
  ) throws -> (output: Tensor, state: LayerState?)
}

/// The state before a batch's events.
public struct StateMemory {
  /// Nil before the first events.
  public let state: LayerState?

  /// A state, or none yet.
  public init(_ state: LayerState?) { self.state = state }
}

/// The steps of a recurrence by the gaps between events: an event's is 2 σ(e), with a trained e for each class of gaps and
/// channel, so that the state decays by time and not by events. It is 1 at first.
struct GapSteps {
  private let table: Parameter

  /// Declares `NAME.gap_steps.weight`; nil where gaps are not known.
  init?(_ name: String, _ sizes: StateSpaceSizes, in store: ParameterStore) {
    if sizes.gapCount == 0 { return nil }
    table = store.declare(
      name + ".gap_steps.weight", [sizes.gapCount, sizes.channels], .zeros)
  }

  /// e of each event, `[N, C]`.
  ///
  /// - Throws: `OpenCLError` when memory runs out or a launch fails.
  func callAsFunction(_ batch: EventBatch, on tape: Tape) throws -> Tensor? {
    guard let gaps = batch.inputs.gaps else { return nil }
    return try tape.embedding(
      EventIndices(
        items: gaps.codes, times: batch.events.times, sequences: batch.events.sequences,
        itemRows: gaps.rows), table: table, layer: "")
  }
}

extension Tape {
  /// 2 σ(e), the steps of a recurrence.
  func steps(_ e: Tensor) throws -> Tensor { try scale(try activation(.sigmoid, e), by: 2) }

  /// The state after the last event of each sequence, `[B, W]`.
  func lastStates(_ states: Tensor, after memory: StateMemory, _ shape: RaggedShape) throws
    -> Tensor
  {
    try backend.lastRows(states, initial: memory.state?.hidden, offsets: shape.offsets)
  }
}
