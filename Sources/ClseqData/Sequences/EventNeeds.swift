/// The columns of a log that a model needs besides users, items, times and sessions. A prepared dataset
/// has its columns already; this does not apply to it.
public struct EventNeeds: Sendable, Equatable {
  /// Whether event types are read.
  public var types = false
  /// Whether labels are read.
  public var labels = false
  /// The features of events.
  public var features = FeatureRules.none
  /// Whether named columns of types and labels may be missing, as values to be predicted are not known yet.
  public var outcomesAreOptional = false
  /// Users with fewer events are left out; at least 1.
  public var leastUserEvents = SequenceDataset.minimumEventCount

  /// Sequences of items.
  public init() {}

  /// The rules for a dataset with these columns.
  func rules(sessionGap: Int64?) -> DatasetRules {
    DatasetRules(sessionGap: sessionGap, features: features, leastUserEvents: leastUserEvents)
  }

  /// Options that read only the columns that are needed.
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
