/// What of a log a model needs beside users, items, times and sessions. A prepared dataset has what it
/// was prepared with, and is not asked.
public struct EventNeeds: Sendable, Equatable {
  /// Whether event types are looked for.
  public var types = false
  /// Whether labels are looked for.
  public var labels = false
  /// The numbers that events shall have.
  public var features = FeatureRules.none
  /// Whether named columns of types and labels may be missing: what is to be foretold is not there yet.
  public var outcomesAreOptional = false
  /// Users with fewer events are left out; at least 1.
  public var leastUserEvents = SequenceDataset.minimumEventCount

  /// Sequences of items.
  public init() {}

  /// The rules that a dataset is gathered by.
  func rules(sessionGap: Int64?) -> DatasetRules {
    DatasetRules(sessionGap: sessionGap, features: features, leastUserEvents: leastUserEvents)
  }

  /// Options that look for no column beside those that are needed.
  func limited(_ options: ReadingOptions) -> ReadingOptions {
    var roles: Set<ColumnRole> = [.user, .item, .time, .session]
    if types { roles.insert(.eventType) }
    if labels { roles.insert(.label) }
    if features.requests?.contains(where: { $0.origin == .duration }) ?? true {
      roles.insert(.endTime)
    }
    if features.columns == nil { roles.insert(.features) }
    var options = options
    options.columns.recognized.formIntersection(roles)
    options.columns.features = features.columns
    if outcomesAreOptional { options.columns.optional = [.eventType, .label] }
    return options
  }
}
