extension TargetForm {
  /// Seconds until the next event.
  public static let returnTime: TargetForm = TargetForm("return") {
    $0 == "return" ? .returnTime : nil
  }
}

extension TargetRule {
  /// Seconds until the user's next event, censored at the log's end, or the part's.
  public static let returnTime: TargetRule = {
    var rule = TargetRule(.returnTime, "return", of: .nextEvent) { source throws(DataError) in
      let times = try source.times()
      guard let end = source.end ?? times.max() else { throw source.lacks("times") }
      let isLast = LastEvents(of: source.dataset)
      // Whether the event after a place is known.
      let returns: @Sendable (Int) -> Bool = { place in
        !isLast[place] && (source.end.map { times[place + 1] < $0 } ?? true)
      }
      return .durations(
        LazyValues(count: times.count) { place in
          Double(max(0, (returns(place) ? times[place + 1] : end) - times[place])) / 1e6
        },
        observed: LazyValues(count: times.count, find: returns))
    }
    rule.isCensored = true
    return rule
  }()
}
