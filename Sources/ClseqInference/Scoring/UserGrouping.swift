import ClseqBase
public import ClseqData
import ClseqMetrics
public import ClseqSettings

/// What cases may be grouped by.
public enum UserGrouping: Equatable, Sendable {
  /// The number of events before the target.
  case history
  /// How often training holds the item of the event; see ``ScoredCases``.
  case popularity
  /// The event's type.
  case eventType
  /// An attribute of the user, by name.
  case userAttribute(String)
  /// An attribute of the event's item, by name.
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

  /// A figure by group. With an attribute of several values a case is in the group of each of them;
  /// numbers make quartiles. Targets that are missed unseen are in no group.
  ///
  /// - Parameters:
  ///   - figure: The name of the figure, such as `NDCG@10` or `AUC`.
  ///   - cases: The cases, with their answers.
  ///   - split: The split that they are of.
  ///   - seed: Where the intervals' draws follow from.
  /// - Throws: `SettingsError/doNotFit(_:)` for an attribute, or event types, that the data has not,
  ///   and for a figure that the cases have not.
  public func groups(
    _ figure: String, of cases: ScoredCases, _ split: Split, seed: UInt64
  ) throws(SettingsError) -> [EvaluationSummary.Group] {
    guard cases.figure(named: figure) != nil else {
      throw .doNotFit("there is no figure '\(figure)' of this task: \(cases.expectedNames)")
    }
    let members = try members(of: cases, split)
    let bootstrap = Bootstrap(seed: seed, caseCount: cases.count)
    let table = GroupTable(by: members.grouping, bootstrap) { places in
      let some = cases.selecting(places.map { members.places[$0] })
      guard let found = some.figure(named: figure) else {
        preconditionFailure("UserGrouping: no \(figure) of a group")
      }
      return found.figure
    }
    return table.rows.map {
      .init(
        group: $0.group, users: $0.userCount, cases: $0.caseCount, value: $0.value ?? .nan,
        interval: $0.interval.map { [$0.lower, $0.upper] })
    }
  }

  /// What is in a group: places among the cases, and the group of each.
  private struct Members {
    var places: [Int]
    var grouping: Grouping
  }

  private func members(
    of cases: ScoredCases, _ split: Split
  ) throws(SettingsError) -> Members {
    let known = (0..<cases.count).filter { cases.places[$0] >= 0 }
    let dataset = split.dataset
    func user(_ place: Int) -> Int { Int(cases.datasetUsers[Int(cases.users[place])]) }
    func item(_ place: Int) -> Int? {
      cases.event(of: place, dataset).map { Int(dataset.items[$0]) }
        .flatMap { $0 <= dataset.itemCount ? $0 : nil }
    }
    switch self {
    case .history:
      let lengths = known.map { cases.historyLength(of: $0, dataset) }
      return Members(places: known, grouping: Grouping(historyLengths: lengths))
    case .popularity:
      let counts = split.trainingCounts
      return Members(
        places: known,
        grouping: Grouping(targetCounts: known.map { item($0).map { counts[$0] } ?? 0 }))
    case .eventType:
      guard let types = dataset.types, let column = dataset.events.types else {
        throw .doNotFit(
          "the run read no event types: train on a prepared dataset, which keeps them (clseq prepare), or with --inputs type"
        )
      }
      let codes = known.map { cases.event(of: $0, dataset).map { column[$0] } ?? -1 }
      return Members(places: known, grouping: Grouping(codes: codes) { types[$0] })
    case .userAttribute(let name):
      let attribute = try Self.attribute(name, of: dataset.userAttributes, "users")
      return Self.members(attribute, known) { user($0) }
    case .itemAttribute(let name):
      let attribute = try Self.attribute(name, of: dataset.itemAttributes, "items")
      return Self.members(attribute, known) { place in item(place).map { $0 - 1 } }
    }
  }

  /// - Parameter row: For each case, the row of the attribute; nil for none.
  private static func members(
    _ attribute: Attribute, _ known: [Int], row: (Int) -> Int?
  ) -> Members {
    if attribute.isNumeric {
      let numbers = known.map { row($0).map { attribute.numbers(of: $0)[0] } ?? .nan }
      return Members(places: known, grouping: Grouping(numbers: numbers))
    }
    var (places, codes): ([Int], [Int32]) = ([], [])
    for place in known {
      let own = Set(row(place).map(attribute.codes(of:)) ?? []).sorted()
      codes += own.isEmpty ? [-1] : own.map { $0 - 1 }
      places += repeatElement(place, count: max(1, own.count))
    }
    return Members(
      places: places, grouping: Grouping(codes: codes) { attribute.tokens[$0] })
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
}

extension ScoredCases {
  /// The place of the event that a case is about: the target, the event with the outcome, the one
  /// after it, or of a user the last that is known. Nil where none followed.
  fileprivate func event(of index: Int, _ dataset: SequenceDataset) -> Int? {
    let place = places[index]
    guard subject == .nextEvent else { return place }
    let user = Int(datasetUsers[Int(users[index])])
    return place + 1 < Int(dataset.offsets[user + 1]) ? place + 1 : nil
  }

  /// How many events of the user come before what a case is about.
  fileprivate func historyLength(of index: Int, _ dataset: SequenceDataset) -> Int {
    let start = Int(dataset.offsets[Int(datasetUsers[Int(users[index])])])
    return places[index] - start + (subject == .event ? 0 : 1)
  }
}
