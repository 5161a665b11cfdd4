package import ClseqOps

/// A recurrence whose step and input depend on the event, after a short convolution, beside a gate.
///
///     v = conv(W_in x + b_in),   d = 2 σ(W_d v + b_d),   i = σ(W_i v + b_i)
///     h_t = a_t ⊙ h_{t−1} + √(1 − a_t²) ⊙ i_t ⊙ v_t,   a_t = exp(−d_t ⊙ exp(decay))
///     y = W_out (h ⊙ gelu(W_g x + b_g)) + b_out
///
/// A small step keeps the state and leaves out the event; a large one forgets the state. Where the gaps between events are
/// known, they are a term of the step's sigmoid; see `GapSteps`.
///
/// Sources: De et al., "Griffin: mixing gated linear recurrences with local attention for efficient language models" (2024),
/// section 2.4, whose gates are those of the input alone as in Gu and Dao, "Mamba: linear-time sequence modeling with
/// selective state spaces" (2023); every channel has one state.
package struct SelectiveRecurrentUnit: StateSpaceLayer {
  /// Events of the convolution, as in both sources.
  private static let window = 4

  private let input: Linear
  private let convolution: ConvolutionWeights
  private let step: Linear
  private let inputGate: Linear
  private let gate: Linear
  private let output: Linear
  private let poles: ScanPoles
  private let gapSteps: GapSteps?

  /// Declares `NAME.input`, `NAME.convolution`, `NAME.step`, `NAME.input_gate`, `NAME.gate`, `NAME.decay`, `NAME.output` and,
  /// with gaps, `NAME.gap_steps.weight`.
  init(_ name: String, _ sizes: StateSpaceSizes, in store: ParameterStore) {
    let (width, channels) = (sizes.width, sizes.channels)
    func map(_ part: String, _ inputs: Int) -> Linear {
      Linear("\(name).\(part)", inputs: inputs, outputs: channels, in: store)
    }
    input = map("input", width)
    convolution = ConvolutionWeights(
      weight: store.declare(
        name + ".convolution.weight", [Self.window, channels],
        .uniform(bound: 1 / Float(Self.window).squareRoot())),
      bias: store.declare(name + ".convolution.bias", [channels], .zeros))
    (step, inputGate) = (map("step", channels), map("input_gate", channels))
    gate = map("gate", width)
    poles = ScanPoles(
      decay: store.declare(
        name + ".decay", [channels], .values(PoleSizes.decays(channels, from: 0.5, to: 0.99))),
      frequency: nil)
    output = Linear(name + ".output", inputs: channels, outputs: width, in: store)
    gapSteps = GapSteps(name, sizes, in: store)
  }

  package func callAsFunction(
    _ x: Tensor, of batch: EventBatch, in memory: StateMemory?, on tape: Tape
  ) throws -> (output: Tensor, state: LayerState?) {
    let (v, window) = try convolved(try input(x, on: tape), batch, memory, on: tape)
    var exponent = try step(v, on: tape)
    if let gaps = try gapSteps?(batch, on: tape) { exponent = try tape.add(exponent, gaps) }
    let chosen = try tape.multiply(v, try inputGate(v, activation: .sigmoid, on: tape))
    let states = try tape.linearScan(
      chosen, poles: poles, steps: try tape.steps(exponent), shape: batch.shape,
      initial: memory?.state?.hidden)
    let state = try memory.map {
      LayerState(hidden: try tape.lastStates(states, after: $0, batch.shape), cell: window)
    }
    let gated = try tape.multiply(states, try gate(x, activation: .gelu, on: tape))
    return (try output(gated, on: tape), state)
  }

  /// The short convolution, and the window of the next events if there is a memory.
  private func convolved(
    _ x: Tensor, _ batch: EventBatch, _ memory: StateMemory?, on tape: Tape
  ) throws -> (Tensor, Tensor?) {
    let times = batch.events.times
    if let window = memory?.state?.cell {
      return try tape.causalConvolution(x, after: window, convolution, times: times)
    }
    let window = try memory.map { _ in
      try tape.lastWindow(of: x, convolution, times: times, shape: batch.shape)
    }
    return (try tape.causalConvolution(x, convolution, times: times), window)
  }
}
