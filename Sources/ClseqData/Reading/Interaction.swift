/// One event of a log: a user met an item, perhaps in some way and at a known time. 24 bytes.
public struct Interaction: Sendable, Equatable {
  /// Index of the user's token in the stream's `users`, from 0.
  public var user: Int32
  /// Index of the item's token in the stream's `items`, from 0.
  public var item: Int32
  /// Microseconds since 1970-01-01, UTC; nil where the log has no times and the order of the file
  /// is the order of events.
  public var time: Int64?
  /// Index of the event type's token in the stream's `eventTypes`, from 0; nil where the log, or
  /// this line, has none.
  public var eventType: Int16?

  /// An event of known token indices.
  public init(user: Int32, item: Int32, time: Int64? = nil, eventType: Int16? = nil) {
    self.user = user
    self.item = item
    self.time = time
    self.eventType = eventType
  }
}
