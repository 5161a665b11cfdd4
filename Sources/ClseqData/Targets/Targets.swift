/// The truth that a supervised model learns and is measured by.
public struct Targets: Sendable {
  /// The values, by what the rule is about.
  public enum Values: Sendable, Equatable {
    /// A number for each event (a place of the dataset) or user; NaN where the truth is not known.
    case numbers(LazyValues<Double>)
    /// A class from 0, -1 where the truth is not known; the names of the classes.
    case classes(LazyValues<Int32>, names: [String])
    /// A duration, NaN where there is none, and whether it ended.
    case durations(LazyValues<Double>, observed: LazyValues<Bool>)
  }

  /// Where the truth stands.
  public let rule: TargetRule
  /// By place of the event, or by user.
  public let values: Values
  /// For rules with a horizon, the first time that is not the past, in microseconds since 1970.
  public let cutoff: Int64?

  /// The targets that a rule finds in a dataset.
  ///
  /// - Parameters:
  ///   - rule: The rule of the target.
  ///   - dataset: The dataset.
  ///   - horizon: Microseconds after the cutoff, for rules that look ahead.
  ///   - cutoff: Microseconds since 1970; nil for the horizon before the log's last event.
  ///   - end: For ``TargetRule/returnTime``, the first time of which nothing is known; nil where all
  ///     events of the log are.
  /// - Throws: `DataError.lacks` where the dataset has not what the rule names, `.unfit` where values
  ///   are not of use.
  public init(
    _ rule: TargetRule, of dataset: SequenceDataset, horizon: Int64 = 0, cutoff: Int64? = nil,
    end: Int64? = nil
  ) throws(DataError) {
    self.rule = rule
    let finder = TargetFinder(rule: rule, dataset: dataset)
    if rule.hasHorizon {
      let moment = try finder.cutoff(cutoff, horizon: horizon)
      self.cutoff = moment
      values = try finder.values(after: moment, within: horizon)
    } else {
      self.cutoff = nil
      values = try finder.values(until: end)
    }
  }

  /// The number of classes; 1 for numbers and durations.
  public var classCount: Int {
    if case .classes(_, let names) = values { names.count } else { 1 }
  }

  /// Whether the truth of an event, or a user, is known.
  public func isKnown(_ index: Int) -> Bool {
    switch values {
    case .numbers(let numbers): !numbers[index].isNaN
    case .classes(let classes, _): classes[index] >= 0
    case .durations(let durations, _): !durations[index].isNaN
    }
  }
}

/// Looks up the truth of one rule.
private struct TargetFinder {
  let rule: TargetRule
  let dataset: SequenceDataset

  private var path: String { dataset.source.name }

  func lacks(_ what: String) -> DataError {
    .lacks(path: path, what: what, purpose: "the target '\(rule.text)'")
  }

  func values(until end: Int64?) throws(DataError) -> Targets.Values {
    switch rule {
    case .label(let least): return try labels(least)
    case .types(let names): return try isType(names)
    case .nextType: return try nextTypes()
    case .nextFeature(let name): return .numbers(followers(of: try feature(name)))
    case .returnTime: return try returnTimes(until: end)
    case .userAttribute(let name): return try values(of: try attribute(name))
    case .userDuration(let name, let observed): return try durations(name, observed)
    case .churn, .futureCount, .futureSum: preconditionFailure("\(rule.text) needs a cutoff")
    }
  }

  // MARK: Events

  private func labels(_ least: Double?) throws(DataError) -> Targets.Values {
    guard let labels = dataset.events.labels else { throw lacks("labels") }
    guard let least else { return .numbers(LazyValues(count: labels.count) { labels[$0] }) }
    return .numbers(
      LazyValues(count: labels.count) { labels[$0].isNaN ? .nan : labels[$0] >= least ? 1 : 0 })
  }

  private func isType(_ names: [String]) throws(DataError) -> Targets.Values {
    guard let types = dataset.types, let column = dataset.events.types else {
      throw lacks("event types")
    }
    var wanted = Set<Int32>()
    for name in names {
      guard let index = types.index(of: name) else {
        throw .unknownToken(
          path: path, token: name,
          expected: "one of the event types "
            + (0..<types.count).map { types[$0] }.joined(separator: ", "))
      }
      wanted.insert(index)
    }
    let isWanted = (0..<Int32(types.count)).map(wanted.contains)
    return .numbers(
      LazyValues(count: column.count) { place in
        let type = Int(column[place])
        return type < 0 ? .nan : isWanted[type] ? 1 : 0
      })
  }

  private func nextTypes() throws(DataError) -> Targets.Values {
    guard let types = dataset.types, let column = dataset.events.types else {
      throw lacks("event types")
    }
    let isLast = LastEvents(of: dataset)
    return .classes(
      LazyValues(count: column.count) { isLast[$0] ? -1 : column[$0 + 1] },
      names: (0..<types.count).map { types[$0] })
  }

  private func feature(_ name: String) throws(DataError) -> Column<Double> {
    guard let index = dataset.features.firstIndex(where: { $0.request.name == name }) else {
      throw lacks("feature '\(name)'")
    }
    return dataset.events.features[index]
  }

  private func followers(of column: Column<Double>) -> LazyValues<Double> {
    let isLast = LastEvents(of: dataset)
    return LazyValues(count: column.count) { isLast[$0] ? .nan : column[$0 + 1] }
  }

  private func returnTimes(until asked: Int64?) throws(DataError) -> Targets.Values {
    guard let times = dataset.times, let end = asked ?? times.max() else { throw lacks("times") }
    let isLast = LastEvents(of: dataset)
    // Whether the event after a place is known of.
    let returns: @Sendable (Int) -> Bool = { place in
      !isLast[place] && (asked.map { times[place + 1] < $0 } ?? true)
    }
    return .durations(
      LazyValues(count: times.count) { place in
        Double(max(0, (returns(place) ? times[place + 1] : end) - times[place])) / 1e6
      },
      observed: LazyValues(count: times.count, find: returns))
  }

  // MARK: Users

  private func attribute(_ name: String) throws(DataError) -> Attribute {
    guard let table = dataset.userAttributes else { throw lacks("attributes of users (--users)") }
    guard let attribute = table[name] else { throw lacks("attribute '\(name)' of users") }
    guard attribute.kind == .float || attribute.kind == .token else {
      throw .unfit(
        path: table.source.name, what: "attribute '\(name)'",
        expected: "one value a user, and it has several")
    }
    return attribute
  }

  private func values(of attribute: Attribute) throws(DataError) -> Targets.Values {
    switch attribute.values {
    case .tokens(let codes):
      return .classes(
        LazyValues(codes.map { $0 - 1 }),
        names: (0..<attribute.tokens.count).map { attribute.tokens[$0] })
    case .floats(let numbers): return .numbers(LazyValues(Array(numbers)))
    case .tokenSequences, .floatSequences: preconditionFailure("of one value a user")
    }
  }

  private func numbers(_ name: String) throws(DataError) -> [Double] {
    guard case .floats(let numbers) = try attribute(name).values else {
      throw .unfit(path: path, what: "attribute '\(name)'", expected: "numbers")
    }
    return Array(numbers)
  }

  private func durations(_ name: String, _ observed: String) throws(DataError) -> Targets.Values {
    let (durations, ends) = (try numbers(name), try numbers(observed))
    guard durations.allSatisfy({ $0.isNaN || $0 >= 0 }) else {
      throw .unfit(path: path, what: "attribute '\(name)'", expected: "durations from 0")
    }
    guard ends.allSatisfy({ $0.isNaN || $0 == 0 || $0 == 1 }) else {
      throw .unfit(path: path, what: "attribute '\(observed)'", expected: "0 and 1 alone")
    }
    let known = zip(durations, ends).map { $1.isNaN ? .nan : $0 }
    return .durations(LazyValues(known), observed: LazyValues(ends.map { $0 == 1 }))
  }

  // MARK: After a cutoff

  func cutoff(_ asked: Int64?, horizon: Int64) throws(DataError) -> Int64 {
    guard let times = dataset.times, let end = times.max(), let start = times.min() else {
      throw lacks("times")
    }
    guard horizon > 0 else {
      throw .unfit(
        path: path, what: "the target '\(rule.text)'", expected: "a horizon: add --horizon 30d")
    }
    let cutoff = asked ?? end - horizon + 1
    guard cutoff > start, cutoff <= end - horizon + 1 else {
      throw .unfit(
        path: path, what: "the cutoff of '\(rule.text)'",
        expected: "a time inside the log, with the horizon before its end")
    }
    return cutoff
  }

  func values(after cutoff: Int64, within horizon: Int64) throws(DataError) -> Targets.Values {
    guard let times = dataset.times else { throw lacks("times") }
    let end = cutoff.addingReportingOverflow(horizon).partialValue
    var summed: Column<Double>?
    if case .futureSum(let name) = rule { summed = try feature(name) }
    let values = (0..<dataset.userCount).map { user -> Double in
      let places = Int(dataset.offsets[user])..<Int(dataset.offsets[user + 1])
      // Users who come later than the cutoff have no past to go by.
      guard times[places.lowerBound] < cutoff else { return .nan }
      let future = places.filter { times[$0] >= cutoff && times[$0] < end }
      if let summed { return future.reduce(0) { $0 + (summed[$1].isNaN ? 0 : summed[$1]) } }
      return rule == .churn ? (future.isEmpty ? 1 : 0) : Double(future.count)
    }
    return .numbers(LazyValues(values))
  }
}
