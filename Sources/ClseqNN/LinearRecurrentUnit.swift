package import ClseqOps
import Foundation

/// A linear recurrent unit: an input map to complex channels, a diagonal recurrence over the events, and an output map of
/// its real and imaginary parts.
///
///     y = W_out h + b_out,   h_t = a ⊙ h_{t−1} + √(1 − |a|²) ⊙ (W_in x_t + b_in)
///
/// Where the gaps between events are known, so are the steps of the recurrence; see `GapSteps`.
///
/// Sources: Orvieto et al., "Resurrecting recurrent neural networks for long sequences" (LRU, ICML 2023); Yue et al.,
/// "Linear recurrent units for sequential recommendation" (LRURec, WSDM 2024).
package struct LinearRecurrentUnit: StateSpaceLayer {
  private let input: Linear
  private let output: Linear
  private let poles: ScanPoles
  private let gapSteps: GapSteps?

  /// Declares `NAME.input`, `NAME.decay`, `NAME.frequency`, `NAME.output` and, with gaps, `NAME.gap_steps.weight`.
  init(_ name: String, _ sizes: StateSpaceSizes, in store: ParameterStore) {
    let channels = sizes.channels
    input = Linear(name + ".input", inputs: sizes.width, outputs: 2 * channels, in: store)
    poles = ScanPoles(
      decay: store.declare(
        name + ".decay", [channels], .values(PoleSizes.decays(channels, from: 0.8, to: 0.99))),
      frequency: store.declare(
        name + ".frequency", [channels], .values(Self.frequencies(channels))))
    output = Linear(name + ".output", inputs: 2 * channels, outputs: sizes.width, in: store)
    gapSteps = GapSteps(name, sizes, in: store)
  }

  package func callAsFunction(
    _ x: Tensor, of batch: EventBatch, in memory: StateMemory?, on tape: Tape
  ) throws -> (output: Tensor, state: LayerState?) {
    let steps = try gapSteps?(batch, on: tape).map(tape.steps)
    let states = try tape.linearScan(
      try input(x, on: tape), poles: poles, steps: steps, shape: batch.shape,
      initial: memory?.state?.hidden)
    let state = try memory.map {
      LayerState(hidden: try tape.lastStates(states, after: $0, batch.shape))
    }
    return (try output(states, on: tape), state)
  }

  /// Angles of a whole turn, spread by the golden ratio so that channels of like size have unlike angles.
  private static func frequencies(_ channels: Int) -> [Float] {
    (0..<channels).map { channel in
      let turns = (Double(channel) + 0.5) * (5.0.squareRoot() - 1) / 2
      return Float(log(2 * Double.pi * (turns - turns.rounded(.down))))
    }
  }
}

/// First sizes of poles.
enum PoleSizes {
  /// The logarithms of the rates of poles whose squared sizes are evenly spread, as Orvieto et al. (section 3.4) draw them at
  /// random.
  static func decays(_ channels: Int, from smallest: Double, to largest: Double) -> [Float] {
    (0..<channels).map { channel in
      let part = (Double(channel) + 0.5) / Double(channels)
      let square = smallest * smallest + part * (largest * largest - smallest * smallest)
      return Float(log(-0.5 * log(square)))
    }
  }
}
