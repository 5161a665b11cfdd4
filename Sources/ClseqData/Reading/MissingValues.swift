/// What becomes of an event that lacks a value of a column that is read.
public enum MissingValues: String, Sendable, Codable, CaseIterable {
  /// Reading stops and names the place.
  case error
  /// The event is dropped, and counted.
  case drop
  /// A missing feature is taken for the mean of those that are there. An event without user, item or
  /// time is still an error.
  case fill
}
