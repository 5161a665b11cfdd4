import ClseqData
import ClseqNN
import ClseqOps
import ClseqRuns

/// What a run that predicts the types of next events says of generated ones.
struct TypeHead {
  /// A type that a state predicts.
  struct Choice {
    let name: String
    /// Its code among the model's inputs; 0 where types are none.
    let code: Int32
  }

  private let head: Linear
  private let choices: [Choice]

  /// - Parameters:
  ///   - heads: The layers of the run's heads.
  ///   - description: What they mean.
  /// - Returns: Nil of a run that predicts no type of the next event.
  init?(_ heads: [Linear], _ description: TaskDescription) {
    let place = description.heads.firstIndex { $0.target == TargetRule.nextType.text }
    guard let place, case .classes(let names, _) = description.heads[place].goal else { return nil }
    head = heads[place]
    let known = description.inputs.types ?? []
    choices = names.map { name in
      Choice(name: name, code: Int32((known.firstIndex(of: name) ?? -1) + 1))
    }
  }

  /// The likeliest type after each of the states `[S, D]`, of equal ones the first.
  func likeliest(_ states: Tensor, on backend: Backend) throws -> [Choice] {
    let outputs = try backend.read(try head(states, on: Tape(backend, mode: .inference)))
    let width = choices.count
    return stride(from: 0, to: outputs.count, by: width).map { start in
      choices[(0..<width).reduce(0) { outputs[start + $1] > outputs[start + $0] ? $1 : $0 }]
    }
  }
}
