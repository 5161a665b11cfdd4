import ClseqBase
import ClseqData
import ClseqModels
import ClseqNN
import ClseqOps
import ClseqRuns
import Foundation

/// Writes sequences from codes, event by event.
struct CodeDecoding {
  /// A written event.
  struct Event {
    /// 1…V.
    let item: Int32
    /// The code of its type; nil of a run that writes none.
    var type: Int?
    /// What is said of each feature, in the order of the encoding.
    var numbers: [Double] = []
  }

  /// How events are chosen.
  enum Choice {
    /// The likeliest item and type of each; the sequence ends where it is as likely as not to have ended.
    case likeliest
    /// Items, types and the end by their probabilities, by numbers of each sequence's own.
    case drawn(SamplingRule)
  }

  let model: any CompressingModel
  let heads: ReconstructionHeads
  let inputs: InputEncoding
  let backend: Backend
  let choice: Choice
  /// The maximum number of events of a sequence, at least 1.
  let longest: Int

  /// A sequence as far as it is written.
  private struct Written {
    var events: [Event] = []
    /// The probability of not having ended.
    var lasts = 1.0
    var isOver = false
  }

  /// The sequences of codes `[B, C]`, row by row.
  ///
  /// - Throws: `OpenCLError` when memory runs out or a launch fails.
  func sequences(of codes: [Float]) throws -> [[Event]] {
    guard let start = model.maskItem, let table = model.outputTable else {
      preconditionFailure("CodeDecoding: the model writes no items")
    }
    let count = codes.count / model.codeWidth
    let tape = Tape(backend, mode: .inference)
    var state = try model.beginning(
      of: try backend.tensor(codes, [count, model.codeWidth]), on: tape)
    var sequences = [Written](repeating: Written(), count: count)
    var items = [Int32](repeating: start, count: count)
    for step in 0..<longest where sequences.contains(where: { !$0.isOver }) {
      let states: Tensor
      (states, state) = try model.next(after: try backend.indices(items), state, on: tape)
      let outputs = try heads.heads.map { try backend.read(try $0.layer(states, on: tape)) }
      try backend.readScores(
        states, table: table.value, firstItem: 1, itemCount: model.itemCount
      ) { number, scores in
        guard !sequences[number].isOver,
          let row = chosen(CandidateScores(scores, excluding: []), number, step, purpose: 0)
        else { return }
        items[number] = Int32(row) + 1
        sequences[number].events.append(Event(item: items[number]))
      }
      for number in 0..<count where !sequences[number].isOver {
        describe(&sequences[number], outputs, number, step)
      }
    }
    return sequences.map(\.events)
  }

  /// Adds type and numbers to the last event of a sequence, and whether it is the last.
  private func describe(
    _ sequence: inout Written, _ outputs: [[Float]], _ number: Int, _ step: Int
  ) {
    let last = sequence.events.count - 1
    for (head, values) in zip(heads.heads, outputs) {
      switch head.part {
      case .type:
        // Code 0 is no type.
        let width = inputs.typeCount
        var scores = Array(values[number * width + 1..<(number + 1) * width])
        scores.withUnsafeMutableBufferPointer { scores in
          sequence.events[last].type =
            chosen(CandidateScores(scores, excluding: []), number, step, purpose: 1).map { $0 + 1 }
        }
      case .gap: break
      case .number(let index):
        sequence.events[last].numbers.append(
          inputs.features[index].number(ofStandardized: values[number]))
      case .end:
        let probability = RowGoal.sigmoid(Double(values[number]))
        sequence.lasts *= 1 - probability
        switch choice {
        case .likeliest: sequence.isOver = sequence.lasts <= 0.5
        case .drawn(let rule):
          sequence.isOver = Self.number(rule.seed, number, step, purpose: 2) < probability
        }
      }
    }
  }

  private func chosen(
    _ scores: CandidateScores, _ number: Int, _ step: Int, purpose: UInt64
  ) -> Int? {
    switch choice {
    case .likeliest: scores.best(1).first?.row
    case .drawn(let rule):
      scores.draw(rule, Self.number(rule.seed, number, step, purpose: purpose))?.row
    }
  }

  /// A random number of [0, 1) of a sequence, whatever others are drawn.
  private static func number(
    _ seed: UInt64, _ sequence: Int, _ step: Int, purpose: UInt64
  ) -> Double {
    CounterRandom(seed: seed, FNV1a.hash("sample".utf8), UInt64(sequence), purpose)
      .uniform(UInt64(step))
  }

  /// A draw from N(0, 1) in every dimension of a code, by the transform of Box and Muller (1958).
  static func priorCode(_ number: Int, width: Int, seed: UInt64) -> [Float] {
    let random = CounterRandom(seed: seed, FNV1a.hash("code".utf8), UInt64(number))
    return (0..<UInt64(width)).map { column in
      let radius = (-2 * log(1 - random.uniform(2 * column))).squareRoot()
      return Float(radius * cos(2 * Double.pi * random.uniform(2 * column + 1)))
    }
  }
}
