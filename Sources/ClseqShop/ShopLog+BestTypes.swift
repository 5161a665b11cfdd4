import ClseqData

/// The best possible accuracy at predicting the types of events.
public struct ShopTypeAccuracy: Sendable, Equatable {
  /// The number of predicted events.
  public internal(set) var eventCount = 0
  /// The sum over these events of the probability of their most probable type.
  var expectedHits = 0.0
  /// The number of events whose type is the most probable one.
  var hits = 0

  /// The best possible accuracy given the histories before the events: no predictor that knows only
  /// those has a higher expected accuracy. 0 if there is no event.
  public var expected: Double { eventCount == 0 ? 0 : expectedHits / Double(eventCount) }

  /// The accuracy, on the events of the log, of a predictor that knows the chain.
  public var measured: Double { eventCount == 0 ? 0 : Double(hits) / Double(eventCount) }
}

extension ShopLog {
  /// The exact probabilities of the next event's type, given all that came before it, by type in
  /// the order of `ShopEvent.Kind.allCases`; nil where types do not follow from those before
  /// (``ShopTraits/hasTypedEvents``).
  ///
  /// - Parameters:
  ///   - kind: The type of the user's last event.
  ///   - item: Its item, from 0 and below ``itemCount``.
  public func typeProbabilities(after kind: ShopEvent.Kind, item: Int) -> [Double]? {
    precondition((0..<itemCount).contains(item), "typeProbabilities: there is no item \(item)")
    return types.map { Array($0.next(after: kind, category: catalogue.category(of: item))) }
  }

  /// The best possible accuracy at the type of each user's last event, the test target of
  /// leave-one-out, and at the types of all events but the first; nil where types do not follow
  /// from those before.
  ///
  /// Users with fewer events than `SequenceDataset.minimumEventCount` are left out. The log is
  /// generated user by user and not kept.
  public func bestTypeAccuracy() -> (last: ShopTypeAccuracy, all: ShopTypeAccuracy)? {
    guard let types else { return nil }
    var (last, all) = (ShopTypeAccuracy(), ShopTypeAccuracy())
    for user in 0..<userCount {
      let events = events(of: user)
      if events.count < SequenceDataset.minimumEventCount { continue }
      for (place, (before, event)) in zip(events, events.dropFirst()).enumerated() {
        let category = catalogue.category(of: before.item)
        let likeliest = types.likeliest(after: before.kind, category: category)
        let isHit = likeliest.kind == event.kind
        all.add(likeliest.probability, isHit: isHit)
        if place == events.count - 2 { last.add(likeliest.probability, isHit: isHit) }
      }
    }
    return (last, all)
  }
}

extension ShopTypeAccuracy {
  fileprivate mutating func add(_ probability: Double, isHit: Bool) {
    eventCount += 1
    expectedHits += probability
    hits += isHit ? 1 : 0
  }
}
