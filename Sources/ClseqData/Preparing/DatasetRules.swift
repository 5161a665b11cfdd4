/// The rules by which the events of a log become those of a dataset.
public struct DatasetRules: Sendable, Equatable {
  /// The rules of cleaning.
  public var cleaning: CleaningRules
  /// Microseconds without an event after which a new session begins; nil to take sessions from a
  /// column, if the log has one.
  public var sessionGap: Int64?
  /// The features of events.
  public var features: FeatureRules
  /// Users with fewer events after all other rules are left out; at least 1.
  public var leastUserEvents: Int

  /// Keeps everything.
  public init(
    cleaning: CleaningRules = CleaningRules(), sessionGap: Int64? = nil,
    features: FeatureRules = FeatureRules(),
    leastUserEvents: Int = SequenceDataset.minimumEventCount
  ) {
    self.cleaning = cleaning
    self.sessionGap = sessionGap
    self.features = features
    self.leastUserEvents = leastUserEvents
  }
}
