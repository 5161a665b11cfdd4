import ClseqBase
import ClseqData

extension SequenceScorer {
  /// The stretches of a sequence after which it may have changed, by the events that the model sees.
  private func parts(of seen: Stretch) -> [Stretch] {
    typealias Rule = AnomalyRequest.Aggregate
    let (start, end) = (seen.events.lowerBound, seen.events.upperBound)
    return stride(from: start + Rule.leastBefore, through: end - Rule.leastAfter, by: Rule.stride)
      .map { first in
        Stretch(
          user: seen.user, number: seen.number, events: first..<min(end, first + request.span))
      }
  }

  /// Calls a body with every sequence, scored by ``AnomalyRequest/Aggregate/change``.
  func forEachChange(
    progress: ProgressHandler?, _ body: (SequenceScore) throws -> Void
  ) throws {
    let all = events.stretches(request.subject)
    // A sequence whole, then each of its parts alone.
    let examples = all.lazy.flatMap { stretch in
      let seen = events.seen(stretch)
      return [seen] + parts(of: seen)
    }
    var rest = all.makeIterator()
    var (whole, partsLeft, best): ([Float], Int, Change?) = ([], 0, nil)
    var current: Stretch?
    try model.likelihoods(of: examples, progress: progress) { stretch, nats in
      if partsLeft == 0 {
        guard let next = rest.next() else { return }
        (current, whole, best) = (next, nats, nil)
        partsLeft = parts(of: stretch).count
      } else {
        partsLeft -= 1
        let first = stretch.events.lowerBound - wholeStart(current)
        let change = Change(first, whole: whole, alone: nats)
        if change.sum > best?.sum ?? -.infinity { best = change }
      }
      if partsLeft == 0, let current { try body(score(current, best)) }
    }
  }

  private func wholeStart(_ stretch: Stretch?) -> Int {
    stretch.map { events.seen($0).events.lowerBound } ?? 0
  }

  private func score(_ stretch: Stretch, _ change: Change?) -> SequenceScore {
    let seen = stretch.events.filter(events.isSeen)
    let surprises = (change?.differences ?? []).map {
      SequenceScore.Surprise(place: seen[$0.event], nats: $0.nats)
    }
    return SequenceScore(
      stretch: stretch, score: change?.sum, unknownCount: unknownCount(stretch),
      surprises: surprises[...])
  }

  /// How much less likely the events of a part are after all events before them.
  private struct Change {
    /// By event of the whole that counts, from 0.
    let differences: [(event: Int, nats: Double)]
    let sum: Double

    /// - Parameters:
    ///   - first: The first event of the part among those of the whole, from 0.
    ///   - whole: The negative log-likelihoods of the events of the whole but the first.
    ///   - alone: Those of the events of the part but the first.
    init(_ first: Int, whole: [Float], alone: [Float]) {
      differences = (AnomalyRequest.Aggregate.firstLeftOut..<alone.count + 1).map { event in
        (first + event, Double(whole[first + event - 1]) - Double(alone[event - 1]))
      }
      sum = differences.reduce(0) { $0 + $1.nats }
    }
  }
}
