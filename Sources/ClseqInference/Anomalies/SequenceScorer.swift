import ClseqBase
import ClseqData

/// The score of a sequence, and the events that it comes from.
struct SequenceScore {
  /// An event and its part of the score.
  struct Surprise {
    /// Its place in the log.
    let place: Int
    /// Its negative log-likelihood in nats; of a change, how much less it is without the events before.
    let nats: Double
  }

  /// The sequence, by its places in the log.
  let stretch: Stretch
  /// Larger is more unusual; nil where nothing of the sequence can be scored.
  let score: Double?
  /// Events of items that the model does not know.
  let unknownCount: Int
  /// The events that the score is the mean or sum of; none by distance.
  let surprises: ArraySlice<Surprise>
}

/// Scores the sequences of a log by a model.
struct SequenceScorer {
  var request: AnomalyRequest
  let model: TrainedModel
  let events: ScoredEvents
  /// The negative log-likelihood that is assumed for an item that the model does not know, in nats.
  let unknownNats: Double
  /// What vectors are compared with, by distance.
  let distribution: VectorDistribution?

  /// Calls a body with every sequence, in the order of the log. No more than a batch is in memory.
  ///
  /// - Throws: What `body` throws; `DataError.unfit` where a score is not finite; `OpenCLError`.
  func forEach(
    progress: ProgressHandler?, _ body: (SequenceScore) throws -> Void
  ) throws {
    let all = events.stretches(request.subject)
    var rest = all.makeIterator()
    switch request.measure {
    case .likelihood:
      if request.aggregate == .change { return try forEachChange(progress: progress, body) }
      try model.likelihoods(of: all.lazy.map(events.seen), progress: progress) { _, nats in
        guard let stretch = rest.next() else { return }
        try body(score(stretch, nats))
      }
    case .distance:
      let seen = all.lazy.map(events.seen).filter { !$0.events.isEmpty }
      let reduction = request.reduction ?? .ofAllEvents(of: model.run)
      try model.vectors(of: seen, reducedTo: reduction, progress: progress) { vector in
        // Those before it have no event that the model sees.
        while let stretch = rest.next() {
          let isSeen = !events.seen(stretch).events.isEmpty
          try body(try distance(stretch, isSeen ? vector.values : nil))
          if isSeen { return }
        }
      }
      while let stretch = rest.next() { try body(try distance(stretch, nil)) }
    }
  }

  func unknownCount(_ stretch: Stretch) -> Int {
    stretch.events.count { !events.isKnown($0) }
  }

  private func score(_ stretch: Stretch, _ nats: [Float]) -> SequenceScore {
    var (surprises, next) = ([SequenceScore.Surprise](), -1)
    for place in stretch.events {
      if !events.isKnown(place) {
        // The first event has nothing before it.
        if place > stretch.events.lowerBound {
          surprises.append(.init(place: place, nats: unknownNats))
        }
        if events.isSeen(place) { next += 1 }
        continue
      }
      if next >= 0 { surprises.append(.init(place: place, nats: Double(nats[next]))) }
      next += 1
    }
    let best = request.aggregate == .mean ? surprises[...] : highest(surprises)
    let score =
      best.isEmpty ? nil : best.reduce(0) { $0 + $1.nats } / Double(best.count)
    return SequenceScore(
      stretch: stretch, score: score, unknownCount: unknownCount(stretch), surprises: best)
  }

  /// The stretch of events with the largest mean, the first of equal ones; all where they are fewer.
  private func highest(_ surprises: [SequenceScore.Surprise]) -> ArraySlice<SequenceScore.Surprise>
  {
    guard surprises.count > request.span else { return surprises[...] }
    var (best, start) = (-Double.infinity, 0)
    for first in 0...surprises.count - request.span {
      let sum = surprises[first..<first + request.span].reduce(0) { $0 + $1.nats }
      if sum > best { (best, start) = (sum, first) }
    }
    return surprises[start..<start + request.span]
  }

  private func distance(_ stretch: Stretch, _ vector: ArraySlice<Float>?) throws -> SequenceScore {
    let distance = vector.flatMap { distribution?.distance(of: $0) }
    if let distance, !distance.isFinite {
      throw DataError.unfit(
        path: model.run.layout.path,
        what:
          "the vector of user '\(events.all.users[stretch.user])' has a number that is not finite",
        expected: "a run whose training did not diverge")
    }
    return SequenceScore(
      stretch: stretch, score: distance, unknownCount: unknownCount(stretch), surprises: [])
  }
}
