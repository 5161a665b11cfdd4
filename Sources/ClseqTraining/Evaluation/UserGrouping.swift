public import ClseqData
public import ClseqMetrics

/// What users may be grouped by.
public enum UserGrouping: Equatable, Sendable {
  /// The number of events before the target.
  case history
  /// How often training holds the target.
  case popularity
  /// The type of the target's event.
  case eventType
  /// An attribute of the user, by name.
  case userAttribute(String)
  /// An attribute of the target, by name.
  case itemAttribute(String)

  /// A grouping from its text: `history`, `popularity`, `event-type`, `user:NAME` or
  /// `item:NAME`.
  public init?(_ text: String) {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let name = parts.count == 2 ? String(parts[1]) : ""
    switch (parts[0], name.isEmpty) {
    case ("history", true) where parts.count == 1: self = .history
    case ("popularity", true) where parts.count == 1: self = .popularity
    case ("event-type", true) where parts.count == 1: self = .eventType
    case ("user", false): self = .userAttribute(name)
    case ("item", false): self = .itemAttribute(name)
    default: return nil
    }
  }

  /// A metric by group. With an attribute of several values a user is in the group of each of them;
  /// numbers make quartiles.
  ///
  /// - Parameters:
  ///   - metric: What is averaged.
  ///   - ranks: As of ``Evaluator/ranks(of:)``; misses at the end are left out.
  /// - Throws: ``SettingsError/doNotFit(_:)`` for an attribute, or event types, that the data has not.
  public func groups(
    _ metric: any RankingMetric = NDCG(at: 10), of ranks: [Int], _ split: Split, _ part: Split.Part,
    seed: UInt64
  ) throws(SettingsError) -> [EvaluationSummary.Group] {
    let users = split.users(of: part).map { Int($0) }
    let cases = try cases(of: users, split, part)
    let table = GroupTable(
      metric, ranks: cases.places.map { ranks[$0] }, by: cases.grouping,
      Bootstrap(seed: seed))
    return table.rows.map {
      .init(
        group: $0.group, users: $0.count, value: $0.value,
        interval: [$0.interval.lower, $0.interval.upper])
    }
  }

  /// Who is in a group: places among `users`, and the group of each.
  private struct Cases {
    var places: [Int]
    var grouping: Grouping
  }

  private func cases(
    of users: [Int], _ split: Split, _ part: Split.Part
  ) throws(SettingsError) -> Cases {
    switch self {
    case .history:
      let lengths = users.map { split.history(of: $0, for: part).count }
      return Cases(places: Array(users.indices), grouping: Grouping(historyLengths: lengths))
    case .popularity:
      let counts = targetCounts(of: users, split, part)
      return Cases(places: Array(users.indices), grouping: Grouping(targetCounts: counts))
    case .eventType:
      guard let types = split.dataset.types, let column = split.dataset.events.types else {
        throw .doNotFit("the data has no event types: prepare the log, which keeps them")
      }
      let labels = users.map { user in
        let type = column[split.targetPlace(of: user, for: part)]
        return type < 0 ? Grouping.missingName : types[Int(type)]
      }
      return Cases(places: Array(users.indices), grouping: Grouping(labels: labels))
    case .userAttribute(let name):
      let table = split.dataset.userAttributes
      return Self.cases(try Self.attribute(name, of: table, "users"), rows: users)
    case .itemAttribute(let name):
      let table = split.dataset.itemAttributes
      let rows = users.map { Int(split.target(of: $0, for: part)) - 1 }
      return Self.cases(try Self.attribute(name, of: table, "items"), rows: rows)
    }
  }

  /// - Parameter rows: For each user, the row of the attribute.
  private static func cases(_ attribute: Attribute, rows: [Int]) -> Cases {
    if attribute.isNumeric {
      let numbers = rows.map { attribute.numbers(of: $0)[0] }
      return Cases(places: Array(rows.indices), grouping: Grouping(numbers: numbers))
    }
    var (places, labels): ([Int], [String]) = ([], [])
    for (place, row) in rows.enumerated() {
      let tokens = Set(attribute.tokens(of: row))
      let names = tokens.isEmpty ? [Grouping.missingName] : tokens.sorted()
      labels += names
      places += repeatElement(place, count: names.count)
    }
    return Cases(places: places, grouping: Grouping(labels: labels))
  }

  private static func attribute(
    _ name: String, of table: AttributeTable?, _ owners: String
  ) throws(SettingsError) -> Attribute {
    guard let table else {
      throw .doNotFit("the data has no attributes of \(owners): add --\(owners) FILE")
    }
    guard let attribute = table[name] else {
      let names = table.attributes.map(\.name)
      let advice = nearest(to: name, among: names).map { "; did you mean '\($0)'?" } ?? ""
      throw .doNotFit(
        "the \(owners) have no attribute '\(name)', they have: \(names.joined(separator: ", "))"
          + advice)
    }
    guard attribute.kind != .floatSequence else {
      throw .doNotFit("groups are by a value or a number, and '\(name)' of the \(owners) has many")
    }
    return attribute
  }

  private func targetCounts(of users: [Int], _ split: Split, _ part: Split.Part) -> [Int] {
    let counts = split.trainingCounts
    return users.map { counts[Int(split.target(of: $0, for: part))] }
  }
}
