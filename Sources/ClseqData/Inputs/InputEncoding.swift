/// How what is known of events becomes codes and numbers that a model takes; saved with a run, so that
/// new data is read in the same way.
public struct InputEncoding: Sendable, Equatable, Codable {
  /// Classes of time gaps: 0 for a user's first event, then a class for each power of two of seconds.
  public static let gapCount = 33
  /// Maximum number of classes of labels.
  private static let mostLabels = 16

  /// Whether outcomes of events are predicted, before their type and label are known.
  public let predictsEvents: Bool
  /// Whether every event is tagged, from all else that is known of the sequence; nil for no.
  public private(set) var tagsEvents: Bool?
  /// The event types, that of code c at c - 1; nil where they are no input.
  public private(set) var types: [String]?
  /// Upper bounds of the classes of labels but the last; nil where labels are no input.
  public private(set) var labelBounds: [Double]?
  /// Whether time gaps are an input.
  public private(set) var hasGaps = false
  /// Whether the time from an event to the moment of the question is an input.
  public private(set) var hasAges = false
  /// The numbers of events; without durations where outcomes of events are predicted, as these have
  /// not ended then.
  public private(set) var features: [Feature] = []
  /// What is known of items.
  public private(set) var items: AttributeEncoding?
  /// What is known of users.
  public private(set) var users: AttributeEncoding?

  /// An encoding of what a dataset has.
  ///
  /// - Parameters:
  ///   - kinds: What is wanted; nil for all that is there. Where an attribute of users is to be
  ///     predicted, the others are an input only if they are wanted.
  ///   - rule: The target to predict; nil for the next item.
  ///   - dataset: The dataset.
  ///   - split: Whose training events statistics, bounds and tokens are taken from; nil for all events.
  /// - Throws: `DataError.lacks` where something is wanted that is not there.
  public init(
    _ kinds: Set<InputKind>?, rule: TargetRule?, of dataset: SequenceDataset,
    fittedTo split: Split? = nil
  ) throws(DataError) {
    let fitting = FittingEvents(of: dataset, split)
    let isTag = rule?.tagsEvents ?? false
    predictsEvents = rule?.subject == .event && !isTag
    tagsEvents = isTag ? true : nil
    /// Whether an input is used: what is there, and an error for what is wanted and is not.
    func uses(_ kind: InputKind, _ isThere: Bool, _ what: String) throws(DataError) -> Bool {
      if kinds?.contains(kind) ?? false, !isThere {
        throw .lacks(path: dataset.source.name, what: what, purpose: "the input '\(kind.rawValue)'")
      }
      return isThere && kinds?.contains(kind) ?? true
    }
    let hasTypes =
      dataset.events.types != nil && dataset.types != nil && !(isTag && rule?.needsTypes ?? false)
    if try uses(.type, hasTypes || predictsEvents && dataset.events.labels != nil, "event types") {
      if let names = dataset.types, hasTypes { types = fitting.types(names) }
      if predictsEvents, let labels = dataset.events.labels {
        labelBounds = Self.bounds { take in fitting.forEachValue(of: labels, take) }
      }
    }
    hasGaps = try uses(.gap, dataset.times != nil, "times")
    hasAges = rule?.subject == .user && hasGaps
    let known = dataset.features.filter { !predictsEvents || $0.request.origin != .duration }
    if try uses(.features, !known.isEmpty, "features (--event-features NAME)") {
      features = fitting.features(known)
    }
    if try uses(.items, dataset.itemAttributes != nil, "attributes of items (--items FILE)") {
      items = dataset.itemAttributes.map { AttributeEncoding($0, rows: fitting.items) }
      if kinds != nil, let items { try items.requireParts(of: "items", dataset.source.name) }
    }
    if try uses(.users, dataset.userAttributes != nil, "attributes of users (--users FILE)") {
      let hidden = rule?.userAttributes ?? []
      if kinds != nil || hidden.isEmpty {
        users = dataset.userAttributes.map {
          AttributeEncoding($0, except: hidden, rows: fitting.users)
        }
        if kinds != nil, let users { try users.requireParts(of: "users", dataset.source.name) }
      }
    }
  }

  /// An encoding of items alone.
  public init() {
    predictsEvents = false
  }

  /// The encoding of an earlier log, for one that extends it: its statistics, bounds and tokens, and event
  /// types that are new after its own.
  ///
  /// - Returns: Nil where the earlier one has other inputs.
  package func goingOn(from earlier: InputEncoding) -> InputEncoding? {
    func kinds(_ encoding: InputEncoding) -> [String] {
      [
        "\(encoding.predictsEvents)", "\(encoding.types != nil)", "\(encoding.labelBounds != nil)",
        "\(encoding.hasGaps)", "\(encoding.hasAges)", "\(encoding.items != nil)",
        "\(encoding.users != nil)",
      ] + encoding.features.map(\.request.name)
    }
    guard kinds(self) == kinds(earlier) else { return nil }
    var encoding = earlier
    if let types, let known = earlier.types {
      encoding.types = known + types.filter { !known.contains($0) }
    }
    return encoding
  }

  /// The values themselves where they are few, else bounds of classes of about equal counts.
  private static func bounds(of forEach: @escaping OrderStatistic.Each<Double>) -> [Double] {
    func forEachKnown(_ take: (Double) -> Void) { forEach { if !$0.isNaN { take($0) } } }
    var (count, distinct): (Int, Set<Double>) = (0, [])
    forEachKnown { label in
      count += 1
      if distinct.count <= mostLabels { distinct.insert(label) }
    }
    if distinct.count <= mostLabels { return Array(distinct.sorted().dropLast()) }
    return OrderStatistic.numbers(at: (1..<8).map { count * $0 / 8 }, forEachKnown) ?? []
  }

  private enum CodingKeys: String, CodingKey {
    case types, features, items, users
    case predictsEvents = "asks_about_events"
    case tagsEvents = "tags_events"
    case labelBounds = "label_bounds"
    case hasGaps = "has_gaps"
    case hasAges = "has_ages"
  }

  /// Whether each event has an answer of its own, and not users or the time after events.
  public var answersForEvents: Bool { predictsEvents || tagsEvents ?? false }

  /// Codes of labels: 0 for none, then a class each.
  private var labelCount: Int { labelBounds.map { $0.count + 2 } ?? 1 }

  /// Codes of types, or of types and labels together; 0 where neither is an input.
  public var typeCount: Int {
    types == nil && labelBounds == nil ? 0 : ((types?.count ?? 0) + 1) * labelCount
  }

  /// Whether statistics, bounds or tokens were taken from events.
  public var hasStatistics: Bool {
    types != nil || labelBounds != nil || !features.isEmpty || items != nil || users != nil
  }

  /// Numbers of an event.
  public var numberCount: Int { features.count + (hasAges ? 1 : 0) }

  /// The code of a type and a label.
  func code(type: Int32, label: Double) -> Int32 {
    var labelCode = 0
    if let labelBounds, !label.isNaN {
      labelCode = 1 + (labelBounds.firstIndex { label <= $0 } ?? labelBounds.count)
    }
    return type * Int32(labelCount) + Int32(labelCode)
  }

  /// The class of a gap between two times, in microseconds.
  static func gapCode(_ gap: Int64) -> Int32 {
    let seconds = UInt64(max(0, gap / 1_000_000)) + 1
    return min(Int32(gapCount - 1), Int32(64 - seconds.leadingZeroBitCount))
  }
}
