import ClseqBase
import ClseqData
import ClseqModels
import ClseqOps

/// Generates the next events of some users, step by step.
///
/// A step computes the states after the events so far, chooses an item for each from the scores of all items,
/// and adds it to the history. Sequences of one user are next to each other, the likeliest first.
struct SequenceGenerator {
  let model: any SequenceModel
  let dataset: SequenceDataset
  let runner: ModelRunner
  let ranking: ItemRanking
  let request: GenerationRequest
  /// Predicts the types of events; nil of a run that predicts none.
  let types: TypeHead?
  /// Whether the model goes on from what it has computed, where it can.
  let keepsStates: Bool
  /// The places of the events that are known of a user, at least one.
  let history: (_ user: Int) -> Range<Int>
  /// Is shown the scores of all rows for a user's step, where the rows that may not be chosen have −∞; for one
  /// sequence of each user.
  var observe: ((_ user: Int, _ step: Int, UnsafeMutableBufferPointer<Float>) -> Void)?

  /// The next events of users, each at most once.
  ///
  /// - Returns: A sequence for each user, in their order.
  func sequences(of users: [Int]) throws -> [GeneratedSequence] {
    let best = try sequences(of: users.filter(goesOn), keeping: true)
      .merging(try sequences(of: users.filter { !goesOn($0) }, keeping: false)) { $1 }
    return users.map { user in
      GeneratedSequence(
        user: user, place: history(user).upperBound - 1, events: best[user]?.events ?? [])
    }
  }

  /// Whether the model goes on from what it has computed of a user's events: their positions must not change,
  /// so that none of them may fall out of the longest input; a model that writes reads the same events in every step.
  /// It depends on nothing but the user and the request.
  private func goesOn(_ user: Int) -> Bool {
    keepsStates && model is any IncrementalModel && request.stepCount > 1
      && (model.writes
        || history(user).count + request.stepCount - 1 <= runner.maximumLength)
  }

  /// The likeliest sequence of each user.
  private func sequences(
    of users: [Int], keeping: Bool
  ) throws -> [Int: PartialSequence] {
    // The longest history first, which stays so while all of them grow.
    let order = users.indices.sorted {
      (-history(users[$0]).count, $0) < (-history(users[$1]).count, $1)
    }
    let excluded = Dictionary(
      uniqueKeysWithValues: users.map { user in
        let rows =
          ranking.seen == .exclude ? ranking.seenRows(of: dataset.items[history(user)]) : []
        return (user, rows.map { Int($0) - ranking.firstItem })
      })
    var best: [Int: PartialSequence] = [:]
    var sequences = order.map { PartialSequence(user: users[$0]) }
    var states = keeping ? keptStates(of: sequences) : nil
    for step in 0..<request.stepCount {
      if sequences.isEmpty { break }
      var candidates: [Int: [PartialSequence]] = [:]
      try self.states(of: sequences, &states) { states in
        let types = try types?.likeliest(states, on: runner.backend)
        try ranking.scores(states) { number, scores in
          let sequence = sequences[number]
          let met = ranking.seen == .exclude ? sequence.rows : []
          let allowed = CandidateScores(
            scores, excluding: [excluded[sequence.user] ?? [], met].joined())
          observe?(sequence.user, step, scores)
          candidates[sequence.user, default: []] += choices(
            from: allowed, sequence.user, step
          ).map { choice in
            let item = ranking.item(atRow: Int32(choice.row + ranking.firstItem))
            return sequence.followed(
              by: choice.row,
              GeneratedEvent(
                item: item, probability: choice.probability, type: types?[number].name),
              typeCode: types?[number].code ?? 0, parent: number)
          }
        }
      }
      var next: [PartialSequence] = []
      for number in sequences.indices
      where number == 0 || sequences[number - 1].user != sequences[number].user {
        let user = sequences[number].user
        let kept = Self.likeliest(candidates[user] ?? [], request.beamWidth)
        // Without a candidate the user's sequence ends here.
        best[user] = kept.first ?? sequences[number]
        next += kept
      }
      sequences = next
    }
    return best
  }

  /// The first of some users whose sequences fit a batch, at least one.
  func batch(of users: ArraySlice<Int>) -> ArraySlice<Int> {
    func eventCount(_ user: Int) -> Int {
      let (count, steps) = (history(user).count, request.stepCount)
      let length =
        model.writes
        ? min(count, runner.maximumLength) + steps : min(count + steps - 1, runner.maximumLength)
      return request.beamWidth * length
    }
    switch runner.batchSize {
    case .sequences(let limit): return users.prefix(max(1, limit / request.beamWidth))
    case .events(let limit):
      var (end, sum) = (users.startIndex, 0)
      while end < users.endIndex, end == users.startIndex || sum + eventCount(users[end]) <= limit {
        sum += eventCount(users[end])
        end += 1
      }
      return users[..<end]
    }
  }

  /// What may follow a sequence.
  private func choices(
    from scores: CandidateScores, _ user: Int, _ step: Int
  ) -> [CandidateScores.Choice] {
    switch request.decoding {
    case .greedy: scores.best(1)
    case .beam(let width): scores.best(width)
    case .sampling(let rule):
      [scores.draw(rule, number(rule.seed, user, step))].compactMap(\.self)
    }
  }

  /// A random number of [0, 1) that is the user's own, whoever else is there.
  private func number(_ seed: UInt64, _ user: Int, _ step: Int) -> Double {
    let name = dataset.users.utf8(at: user)
    return CounterRandom(seed: seed, FNV1a.hash("generation".utf8), FNV1a.hash(name))
      .uniform(UInt64(step))
  }

  /// The sequences with the largest probabilities, of equal ones the first, in order.
  static func likeliest(_ sequences: [PartialSequence], _ count: Int) -> [PartialSequence] {
    let order = sequences.indices.sorted {
      (-sequences[$0].logProbability, $0) < (-sequences[$1].logProbability, $1)
    }
    return order.prefix(count).map { sequences[$0] }
  }

  /// Calls a body with the states `[S, D]` after the last events of sequences.
  private func states(
    of sequences: [PartialSequence], _ kept: inout KeptStates?, _ body: (Tensor) throws -> Void
  ) throws {
    let start = model.writes ? [model.maskItem].compactMap(\.self) : []
    let whole = sequences.map { sequence in
      let items = start + sequence.events.map(\.item)
      return Continuation(
        sequence: Int32(sequence.user), history: history(sequence.user), followedBy: items,
        types: start.map { _ in types == nil ? 0 : -1 } + sequence.typeCodes,
        maximumLength: model.writes ? runner.maximumLength + items.count : windowLength)
    }
    if kept != nil { return try body(try kept!.states(of: sequences, whole, of: dataset, runner)) }
    if sequences.contains(where: hasGrown) {
      // Every range is longer than in the step before, and would lie in new memory beside the old.
      runner.backend.releaseUnusedMemory()
    }
    let batch = RaggedBatch(whole, of: dataset)
    var plan = UploadPlan()
    let targets = plan.integers(batch.targetRows)
    let (events, arrays) = try runner.upload(batch, isTraining: false, with: plan)
    let tape = Tape(runner.backend, mode: .inference)
    let states = try model.hiddenStates(of: events, only: EventRows(arrays[targets]), on: tape)
    try runner.uploader.release()
    try body(states)
  }

  /// Whether the model sees one event more of a sequence than in the step before.
  private func hasGrown(_ sequence: PartialSequence) -> Bool {
    let count = history(sequence.user).count + sequence.events.count
    return !sequence.events.isEmpty && (model.writes || count <= windowLength)
  }

  private func keptStates(of sequences: [PartialSequence]) -> KeptStates? {
    guard let model = model as? any IncrementalModel else { return nil }
    return KeptStates(
      model,
      sequences.map {
        let count = history($0.user).count
        return model.writes ? min(count, runner.maximumLength) + 1 : count
      }, width: request.beamWidth, stepCount: request.stepCount)
  }

  /// How many of the last events a state depends on.
  private var windowLength: Int { min(model.reach ?? .max, runner.maximumLength) }
}
