import ClseqNN
import ClseqOps

/// Either kind of recurrent layers, for tests of what they have in common.
enum AnyRecurrent {
  case lstm(LSTM), gru(GRU)

  func callAsFunction(_ x: Tensor, of batch: EventBatch, on tape: Tape) throws -> Tensor {
    switch self {
    case .lstm(let layer): try layer(x, of: batch, on: tape)
    case .gru(let layer): try layer(x, of: batch, on: tape)
    }
  }

  func outputAndState(
    _ x: Tensor, of batch: EventBatch, from state: RecurrentState?, on tape: Tape
  ) throws -> (output: Tensor, state: RecurrentState) {
    switch self {
    case .lstm(let layer): try layer.outputAndState(x, of: batch, from: state, on: tape)
    case .gru(let layer): try layer.outputAndState(x, of: batch, from: state, on: tape)
    }
  }

  func step(
    _ x: Tensor, _ state: RecurrentState, on tape: Tape
  ) throws -> (output: Tensor, state: RecurrentState) {
    switch self {
    case .lstm(let layer): try layer.step(x, state, on: tape)
    case .gru(let layer): try layer.step(x, state, on: tape)
    }
  }

  func initialState(_ count: Int, on backend: Backend) throws -> RecurrentState {
    switch self {
    case .lstm(let layer): try layer.initialState(count, on: backend)
    case .gru(let layer): try layer.initialState(count, on: backend)
    }
  }
}
