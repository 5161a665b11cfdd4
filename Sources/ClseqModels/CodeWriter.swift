import ClseqNN
import ClseqOps

/// LSTM layers that write sequences from codes.
///
/// `h₀ = tanh(W z + b)` and `c₀ = W′ z + b′` in each layer; the input of a step is the vector of the item before plus
/// `U z + u`; a linear map turns the last layer's h to the width of the tied item table.
struct CodeWriter {
  private let layers: RecurrentStack
  private let hidden: [Linear]
  private let cells: [Linear]
  private let input: Linear
  private let output: Linear
  private let dropout: DropoutRate

  /// Declares `decoder.…`: the layers, `hidden` and `cell` of each, `code` and `output`.
  init(_ configuration: ModelConfiguration, in store: ParameterStore) {
    let (width, sizes) = (configuration.width, configuration[.recurrentSizes])
    precondition(!sizes.isEmpty, "CodeWriter: no layers")
    let codeSize = configuration[.codeSize]
    dropout = DropoutRate(configuration.dropout)
    layers = RecurrentStack(
      .lstm, "decoder", inputs: width, hiddenSizes: sizes, dropout: configuration.dropout,
      in: store)
    func map(_ name: String, _ inputs: Int, _ outputs: Int) -> Linear {
      Linear(
        "decoder.\(name)", inputs: inputs, outputs: outputs,
        deviation: 1 / Float(inputs).squareRoot(), in: store)
    }
    hidden = sizes.enumerated().map { map("hidden.\($0)", codeSize, $1) }
    cells = sizes.enumerated().map { map("cell.\($0)", codeSize, $1) }
    input = map("code", codeSize, width)
    output = map("output", sizes[sizes.count - 1], width)
  }

  /// The states of a batch's events, `[N, D]`.
  ///
  /// - Parameters:
  ///   - codes: `[B, C]`.
  ///   - table: That of items.
  func callAsFunction(
    _ batch: EventBatch, _ written: WrittenSequences, _ codes: Tensor, table: Parameter,
    on tape: Tape
  ) throws -> Tensor {
    let state = try beginning(of: codes, on: tape)
    let items = try tape.embedding(
      EventIndices(
        items: written.inputs.codes, times: batch.events.times, sequences: batch.events.sequences,
        itemRows: written.inputs.rows), table: table, layer: "")
    let given = try tape.dropout(
      items, rate: dropout, layer: "decoder.embedding_dropout", events: batch.events)
    let x = try tape.add(given, try tape.rows(written.owners, of: state.code))
    let states = try layers.outputAndState(x, of: batch, from: state.recurrent, on: tape).output
    return try output(states, on: tape)
  }

  /// What is known before the first event.
  func beginning(of codes: Tensor, on tape: Tape) throws -> WritingState {
    WritingState(
      code: try input(codes, on: tape),
      RecurrentState(
        layers: try zip(hidden, cells).map { hidden, cell in
          LayerState(
            hidden: try hidden(codes, activation: .tanh, on: tape), cell: try cell(codes, on: tape))
        }))
  }

  /// The states of the next event of each sequence, `[B, D]`.
  func next(
    after items: Indices, _ state: WritingState, table: Parameter, on tape: Tape
  ) throws -> (states: Tensor, state: WritingState) {
    let given = try tape.backend.gatherRows(table.value, rows: items)
    let (states, recurrent) = try layers.step(
      try tape.add(given, state.code), state.recurrent, on: tape)
    return (try output(states, on: tape), WritingState(code: state.code, recurrent))
  }
}
