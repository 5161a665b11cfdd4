import ClseqBase
import ClseqData

/// A log whose sequences are scored.
struct AnomalyLog {
  let events: ScoredEvents
  let request: AnomalyRequest
  private let data: NewData
  private let run: TrainedRun
  private let window: Int?

  init(_ data: NewData, _ run: TrainedRun, _ request: AnomalyRequest) {
    guard let past = data.past else {
      preconditionFailure("AnomalyLog: the data was read without its unknown items")
    }
    (self.data, self.run, self.request) = (data, run, request)
    events = ScoredEvents(past, known: data.dataset)
    window = if case .windows(let length, _) = request.subject { length } else { nil }
  }

  /// - Throws: As ``VectorRequest/Subject/require(of:in:)``; `DataError.unfit` where no user has as many events as a window.
  func requireSequences() throws {
    try request.subject.require(of: run, in: events.all)
    guard events.stretches(request.subject).contains(where: { _ in true }) else {
      throw DataError.unfit(
        path: events.all.source.name, what: "no user has as many events as a window",
        expected: "shorter windows (--window)")
    }
  }

  /// The id of a sequence, with its user and numbers.
  func name(_ stretch: Stretch) -> (id: String, user: String, numbers: [Int]) {
    let first = Int(events.all.offsets[stretch.user])
    let numbers = request.subject.numbers(
      of: stretch.number, stretch.events.lowerBound - first..<stretch.events.upperBound - first)
    let user = events.all.users[stretch.user]
    return (VectorRequest.Subject.id(user, numbers), user, numbers)
  }

  func entry(
    _ sequence: SequenceScore, _ detection: AnomalyDetection, _ titles: ItemTitles?
  ) -> AnomalyReport.Entry {
    let all = events.all
    let first = Int(all.offsets[sequence.stretch.user])
    let unusual = sequence.surprises.sorted { ($1.nats, $0.place) < ($0.nats, $1.place) }
      .prefix(request.eventCount)
    let (id, user, numbers) = name(sequence.stretch)
    let facts = all.facts(of: sequence.stretch.events)
    return AnomalyReport.Entry(
      id: id, user: user, numbers: numbers, score: sequence.score,
      isFlagged: sequence.score.map { $0 > detection.threshold } ?? false,
      unknownEvents: sequence.unknownCount, patterns: detection.bounds.patterns(of: facts),
      facts: facts,
      from: sequence.surprises.first.map { $0.place - first + 1 },
      to: sequence.surprises.last.map { $0.place - first + 1 },
      unusual: unusual.map { event in
        let item = all.itemToken(at: event.place)
        return AnomalyReport.Event(
          number: event.place - first + 1, item: item,
          title: item.flatMap { run.vocabulary.index(of: $0) }.flatMap { titles?[$0] },
          time: all.times.map { TimeText.iso8601($0[event.place]) }, surprise: event.nats)
      })
  }

  /// The scores of the same sequences, each with its events in a random order.
  func shuffledScores(
    _ model: TrainedModel, _ detection: AnomalyDetection, seed: UInt64, progress: ProgressHandler?
  ) throws -> [Double?] {
    let shuffled = events.all.shuffling(
      events.stretches(request.subject).map { ($0.user, $0.events) }, seed: seed)
    let known = try shuffled.translated(to: run.vocabulary, leastUserEvents: 1)
    let model = try TrainedModel(run, dataset: known, moment: data.moment, on: model.backend)
    var scorer = detection.scorer(model, ScoredEvents(shuffled, known: known))
    scorer.request.subject = .users
    var scores: [Double?] = []
    try scorer.forEach(progress: progress) { scores.append($0.score) }
    return scores
  }
}

extension SequenceDataset {
  /// The facts of a stretch of events.
  func facts(of places: Range<Int>) -> BehaviourFacts {
    BehaviourFacts(
      items: places.map { items[$0] }, times: times.map { times in places.map { times[$0] } })
  }
}

extension VectorRequest.Subject {
  /// `users`, `sessions` or `windows`.
  var name: String {
    switch self {
    case .users: "users"
    case .sessions: "sessions"
    case .windows: "windows"
    }
  }
}
