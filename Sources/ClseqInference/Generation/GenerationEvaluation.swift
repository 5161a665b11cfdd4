import ClseqBase
import ClseqData
import ClseqModels
import ClseqOps
import ClseqSettings

/// Generates the events of a part, each user's from the history before them, and keeps the ranks of the true ones.
struct GenerationEvaluation {
  let runner: ModelRunner
  let split: Split
  /// Predicts the types of events; nil of a run that predicts none.
  let types: TypeHead?

  /// The cases of users with enough events in a part.
  ///
  /// - Parameters:
  ///   - part: The part.
  ///   - stepCount: Events of each user.
  /// - Throws: `SettingsError.doNotFit(_:)` where no user has so many; `RunInterrupted` and `OpenCLError`.
  func cases(of part: Split.Part, stepCount: Int) throws -> GenerationCases {
    let places = self.places(in: part, stepCount: stepCount)
    let users = places.keys.sorted()
    guard !users.isEmpty else {
      throw SettingsError.doNotFit(
        "no user has \(stepCount) events in the \(part.rawValue) part of the split \(split.name)"
          + (split.kind == .leaveOneOut
            ? ", which holds one of each: train with --split-by time or user, or ask for --steps 1"
            : ": ask for fewer --steps"))
    }
    guard let table = runner.model.outputTable else {
      preconditionFailure("GenerationEvaluation: the model ranks no items")
    }
    let dataset = split.dataset
    var request = GenerationRequest(stepCount: stepCount)
    request.seen = split.seen
    let ranks = StepRanks(stepCount: stepCount)
    let generator = SequenceGenerator(
      model: runner.model, dataset: dataset, runner: runner,
      ranking: try ItemRanking(
        request.candidates, seen: split.seen, table: table, catalogueSize: runner.model.itemCount,
        on: runner.backend),
      request: request, types: types, keepsStates: true,
      history: { Int(dataset.offsets[$0])..<places[$0]!.lowerBound },
      observe: { user, step, scores in
        let truth = Int(dataset.items[places[user]!.lowerBound + step])
        ranks.add(ScoreRank.rank(of: truth - 1, among: scores), of: user, step)
      })
    var cases = GenerationCases(stepCount: stepCount)
    var done = 0
    while done < users.count {
      let batch = generator.batch(of: users[done...])
      for sequence in try generator.sequences(of: Array(batch)) {
        let place = places[sequence.user]!
        cases.users.append(sequence.user)
        cases.places.append(place)
        cases.generated.append(sequence.events.map(\.item))
        cases.truths.append(Array(dataset.items[place]))
        if types != nil {
          cases.types.append(sequence.events.map(\.type))
          cases.trueTypes.append(place.map(trueType))
        }
        for step in 0..<stepCount { cases.ranks[step].append(ranks[sequence.user, step]) }
      }
      done += batch.count
      runner.progress?(TaskProgress("generating", done: done, of: users.count))
    }
    return cases
  }

  /// The type of an event; nil where it is not known.
  private func trueType(at place: Int) -> String? {
    guard let names = split.dataset.types, let types = split.dataset.events.types,
      types[place] >= 0
    else { return nil }
    return names[Int(types[place])]
  }

  /// The places of the true events of each user that has enough: the first ones of a part by time, else the last
  /// ones, since all events of a held-out user are in the part.
  private func places(in part: Split.Part, stepCount: Int) -> [Int: Range<Int>] {
    var places: [Int: Range<Int>] = [:]
    for user in 0..<split.dataset.userCount {
      let range = split.targetPlaces(of: user, for: part)
      let chosen = split.kind == .user ? range.suffix(stepCount) : range.prefix(stepCount)
      if chosen.count == stepCount, chosen.lowerBound > Int(split.dataset.offsets[user]) {
        places[user] = chosen
      }
    }
    return places
  }
}

/// The ranks of the true items, as they come.
private final class StepRanks {
  private let stepCount: Int
  private var ranks: [Int: [Int]] = [:]

  init(stepCount: Int) { self.stepCount = stepCount }

  func add(_ rank: Int, of user: Int, _ step: Int) {
    ranks[user, default: [Int](repeating: .max, count: stepCount)][step] = rank
  }

  /// `Int.max` where the user had no candidate left.
  subscript(user: Int, step: Int) -> Int { ranks[user]?[step] ?? .max }
}

/// The place of a row among scores.
enum ScoreRank {
  /// The rank from 1, rows of an equal score before it; `Int.max` for a row that is no candidate.
  static func rank(of row: Int, among scores: UnsafeMutableBufferPointer<Float>) -> Int {
    guard scores.indices.contains(row), scores[row] > -.infinity else { return .max }
    let own = scores[row]
    return scores.reduce(0) { $0 + ($1 >= own ? 1 : 0) }
  }
}
