/// The target of a supervised model: where its truth is found, and which events or users have one.
///
/// Each kind of target has a file under `Rules`, or stands in the file of its task:
///
/// | text | truth | predicted for |
/// |---|---|---|
/// | `label`, `label>=4` | the event's label, or whether it reaches a number | each event, from those before |
/// | `type=click,buy` | whether the event's type is one of these | each event, from those before |
/// | `event-label`, `event-label>=4` | the event's label, or whether it reaches a number | each event; no label is an input |
/// | `event-type` | the event's type | each event; no type is an input |
/// | `next-type` | the type of the user's next event | each event |
/// | `next:FEATURE` | a feature of the next event, as the log has it | each event |
/// | `return` | seconds until the next event, censored at the log's end, or the part's in a split by time | each event |
/// | `user:NAME` | an attribute of the user: a number or one of several tokens | each user, after all events |
/// | `user:NAME/OBSERVED` | a duration, and whether (1) it ended or (0) is censored | the same |
/// | `churn` | whether no event follows within the horizon | each user, at the cutoff |
/// | `future-count` | the number of events within the horizon | the same |
/// | `future-sum:FEATURE` | the sum of a feature over these events | the same |
public struct TargetRule: Sendable, Equatable, CustomStringConvertible {
  /// Where a truth belongs.
  public enum Subject: Sendable, Equatable {
    /// To each event, whose own type and label are not known yet, or whose like is not known of any
    /// event; see ``TargetRule/tagsEvents``.
    case event
    /// To the time after each event.
    case nextEvent
    /// To each user, after all that is known of the past.
    case user
  }

  /// Finds the truths in a dataset.
  public typealias Values =
    @Sendable (_ source: TargetSource) throws(DataError) -> Targets.Values

  /// The kind of target, such as `future-sum:FEATURE`.
  public let form: TargetForm
  /// The text that settings have for it, such as `future-sum:price`.
  public let text: String
  /// Where a truth belongs.
  public let subject: Subject
  /// Whether every event of a sequence gets a tag: the truth is known of none when the question is asked, and
  /// all else of each.
  public var tagsEvents = false
  /// Whether the truth lies within a horizon after a cutoff.
  public var hasHorizon = false
  /// Whether the truth of a last event is that nothing came until the end.
  public var isCensored = false
  /// The attributes of users that hold the truth.
  public var userAttributes: Set<String> = []
  /// The feature that holds the truth, if any.
  public var feature: String?
  /// Whether labels hold the truth.
  public var needsLabels = false
  /// Whether event types hold the truth.
  public var needsTypes = false
  let values: Values

  /// A rule.
  ///
  /// - Parameters:
  ///   - form: The kind of target.
  ///   - text: The text that settings have for it.
  ///   - subject: Where a truth belongs.
  ///   - values: Finds the truths, by place of the event or by user.
  public init(_ form: TargetForm, _ text: String, of subject: Subject, values: @escaping Values) {
    (self.form, self.text, self.subject, self.values) = (form, text, subject, values)
  }

  /// The text.
  public var description: String { text }

  /// Adds what must be known of the events of a log.
  public func require(in needs: inout EventNeeds) {
    needs.labels = needs.labels || needsLabels
    needs.types = needs.types || needsTypes
    if subject == .user { needs.leastUserEvents = 1 }
  }

  /// Whether both have one text.
  public static func == (left: TargetRule, right: TargetRule) -> Bool { left.text == right.text }
}

/// A kind of target: how it is written, and the rule of a text.
public struct TargetForm: Hashable, Sendable {
  /// The form of its text, for messages: `future-sum:FEATURE`.
  public let text: String
  /// The rule of a text; nil for a text of another form.
  public let rule: @Sendable (_ text: String) -> TargetRule?

  /// A kind of target.
  ///
  /// - Parameters:
  ///   - text: The form of its text, for messages.
  ///   - rule: The rule of a text; nil for a text of another form.
  public init(_ text: String, rule: @escaping @Sendable (_ text: String) -> TargetRule?) {
    (self.text, self.rule) = (text, rule)
  }

  /// A kind whose text is a word and a name: `next:FEATURE`.
  init(_ text: String, after prefix: String, rule: @escaping @Sendable (String) -> TargetRule?) {
    self.init(text) { text in
      guard text.hasPrefix(prefix), text.count > prefix.count else { return nil }
      return rule(String(text.dropFirst(prefix.count)))
    }
  }

  /// Whether both have one form.
  public static func == (left: TargetForm, right: TargetForm) -> Bool { left.text == right.text }

  /// Adds the form to a hash.
  public func hash(into hasher: inout Hasher) { hasher.combine(text) }
}
