/// What a supervised model is to foretell, and where the truth stands.
///
/// Written as text in settings:
///
/// | text | truth | asked |
/// |---|---|---|
/// | `label`, `label>=4` | the event's label, or whether it reaches a number | each event, about itself |
/// | `type=click,buy` | whether the event's type is one of these | each event, about itself |
/// | `next-type` | the type of the user's next event | each event |
/// | `next:FEATURE` | a feature of the next event, as the log has it | each event |
/// | `return` | seconds until the next event, censored at the log's end, or the part's in a split by time | each event |
/// | `user:NAME` | an attribute of the user: a number or one of several tokens | each user, after all events |
/// | `user:NAME/OBSERVED` | a duration, and whether (1) it ended or (0) is censored | the same |
/// | `churn` | whether no event follows within the horizon | each user, at the cutoff |
/// | `future-count` | the number of events within the horizon | the same |
/// | `future-sum:FEATURE` | the sum of a feature over these events | the same |
public enum TargetRule: Sendable, Equatable {
  case label(least: Double?)
  case types([String])
  case nextType
  case nextFeature(String)
  case returnTime
  case userAttribute(String)
  case userDuration(String, observed: String)
  case churn
  case futureCount
  case futureSum(String)

  /// What the model is asked about.
  public enum Subject: Sendable, Equatable {
    /// Each event, before its type and label are known.
    case event
    /// What follows each event.
    case nextEvent
    /// Each user, after all that is known of the past.
    case user
  }

  /// A rule from its text; nil for a text that is none.
  public init?(_ text: String) {
    func rest(after prefix: String) -> String? {
      text.hasPrefix(prefix) && text.count > prefix.count
        ? String(text.dropFirst(prefix.count)) : nil
    }
    switch text {
    case "label": self = .label(least: nil)
    case "next-type": self = .nextType
    case "return": self = .returnTime
    case "churn": self = .churn
    case "future-count": self = .futureCount
    default:
      if let number = rest(after: "label>=").flatMap(Double.init), number.isFinite {
        self = .label(least: number)
      } else if let names = rest(after: "type=") {
        let names = names.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        guard !names.contains("") else { return nil }
        self = .types(names)
      } else if let name = rest(after: "next:") {
        self = .nextFeature(name)
      } else if let name = rest(after: "future-sum:") {
        self = .futureSum(name)
      } else if let name = rest(after: "user:") {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count <= 2, !parts.contains("") else { return nil }
        self = parts.count == 2 ? .userDuration(parts[0], observed: parts[1]) : .userAttribute(name)
      } else {
        return nil
      }
    }
  }

  /// The text that makes the rule.
  public var text: String {
    switch self {
    case .label(let least):
      least.map { "label>=\(Int(exactly: $0).map(String.init) ?? "\($0)")" } ?? "label"
    case .types(let names): "type=\(names.joined(separator: ","))"
    case .nextType: "next-type"
    case .nextFeature(let name): "next:\(name)"
    case .returnTime: "return"
    case .userAttribute(let name): "user:\(name)"
    case .userDuration(let name, let observed): "user:\(name)/\(observed)"
    case .churn: "churn"
    case .futureCount: "future-count"
    case .futureSum(let name): "future-sum:\(name)"
    }
  }

  /// What the model is asked about.
  public var subject: Subject {
    switch self {
    case .label, .types: .event
    case .nextType, .nextFeature, .returnTime: .nextEvent
    case .userAttribute, .userDuration, .churn, .futureCount, .futureSum: .user
    }
  }

  /// Whether the truth lies within a horizon after a cutoff.
  public var hasHorizon: Bool {
    switch self {
    case .churn, .futureCount, .futureSum: true
    default: false
    }
  }

  /// The attributes of users that hold the truth.
  public var userAttributes: Set<String> {
    switch self {
    case .userAttribute(let name): [name]
    case .userDuration(let name, let observed): [name, observed]
    default: []
    }
  }

  /// The feature that holds the truth, if any.
  public var feature: String? {
    switch self {
    case .nextFeature(let name), .futureSum(let name): name
    default: nil
    }
  }

  /// What must be known of the events of a log.
  public func require(in needs: inout EventNeeds) {
    switch self {
    case .label: needs.labels = true
    case .types, .nextType: needs.types = true
    default: break
    }
    if subject == .user { needs.leastUserEvents = 1 }
  }
}
