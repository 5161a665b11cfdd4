/// Turns scored sequences into records:
///
/// | field | there |
/// |---|---|
/// | `user` | always, then the numbers of a session or window |
/// | `score`, `flagged` | the score, empty where nothing can be scored; 1 if it is above the threshold |
/// | `events`, `unknown_events` | their numbers |
/// | `pattern` | names of ``BehaviourPattern``, separated by blanks |
/// | `repeated_items`, `repeated_transitions`, `cyclic`, `median_gap`, `gap_variation` | ``BehaviourFacts`` |
/// | `from`, `to` | the numbers of the first and the last event that the score comes from; by likelihood |
/// | `event_1`, `event_1.item`, `event_1.time`, `event_1.surprise` … | the number, item, time and negative log-likelihood of the least likely event, the second, and so on; by likelihood |
public struct AnomalyRecords: Sendable {
  private let request: AnomalyRequest
  private let hasTimes: Bool

  /// Records of a request.
  ///
  /// - Parameters:
  ///   - request: What is scored, and how.
  ///   - hasTimes: Whether events have times.
  public init(_ request: AnomalyRequest, hasTimes: Bool) {
    (self.request, self.hasTimes) = (request, hasTimes)
  }

  /// The names of the fields that every record has.
  public var names: [PredictionField] {
    let facts = BehaviourFacts(items: [])
    return record(
      of: AnomalyReport.Entry(
        id: "", user: "", numbers: request.subject.numberNames.map { _ in 1 }, score: nil,
        isFlagged: false, unknownEvents: 0, patterns: [], facts: facts, from: nil, to: nil,
        unusual: []))
  }

  /// The record of a sequence.
  public func record(of entry: AnomalyReport.Entry) -> [PredictionField] {
    var fields = [PredictionField("user", .text(entry.user))]
    fields += zip(request.subject.numberNames, entry.numbers).map {
      PredictionField($0, .integer($1))
    }
    let facts = entry.facts
    fields += [
      PredictionField("score", entry.score.map { .number($0) }),
      PredictionField("flagged", .integer(entry.isFlagged ? 1 : 0)),
      PredictionField("events", .integer(facts.events)),
      PredictionField("unknown_events", .integer(entry.unknownEvents)),
      PredictionField(
        "pattern", .text(entry.patterns.map(\.rawValue).joined(separator: " "))),
      PredictionField("repeated_items", .number(facts.repeatedItems)),
      PredictionField("repeated_transitions", .number(facts.repeatedTransitions)),
      PredictionField("cyclic", .number(facts.cyclic)),
    ]
    if hasTimes {
      fields += [
        PredictionField("median_gap", facts.medianGap.map { .number($0) }),
        PredictionField("gap_variation", facts.gapVariation.map { .number($0) }),
      ]
    }
    guard request.measure == .likelihood else { return fields }
    fields += [("from", entry.from), ("to", entry.to)].map { name, number in
      PredictionField(name, number.map { .integer($0) })
    }
    for place in 0..<request.eventCount {
      let event = place < entry.unusual.count ? entry.unusual[place] : nil
      let name = "event_\(place + 1)"
      fields += [
        PredictionField(name, event.map { .integer($0.number) }),
        PredictionField(name + ".item", event?.item.map { .text($0) }),
      ]
      if hasTimes {
        fields.append(
          PredictionField(name + ".time", event?.time.map { .text($0) }))
      }
      fields.append(PredictionField(name + ".surprise", event.map { .number($0.surprise) }))
    }
    return fields
  }
}
