/// How the events of a log become those of a dataset.
public struct DatasetRules: Sendable, Equatable {
  /// What is taken out.
  public var cleaning: CleaningRules
  /// Microseconds without an event after which a new session begins; nil to take sessions from a
  /// column, where the log has one.
  public var sessionGap: Int64?
  /// The numbers that events have.
  public var features: FeatureRules

  /// Keeps everything.
  public init(
    cleaning: CleaningRules = CleaningRules(), sessionGap: Int64? = nil,
    features: FeatureRules = FeatureRules()
  ) {
    self.cleaning = cleaning
    self.sessionGap = sessionGap
    self.features = features
  }
}
