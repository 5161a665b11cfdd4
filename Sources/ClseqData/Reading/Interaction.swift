/// One event of a log: a user met an item, perhaps at a known time.
public struct Interaction: Sendable, Equatable {
  /// Index of the user's token in the stream's `users`, from 0.
  public var user: Int32
  /// Index of the item's token in the stream's `items`, from 0.
  public var item: Int32
  /// The time in the file's own unit; nil where the format has none and the order of the file
  /// is the order of events.
  public var time: Double?

  /// An event of known token indices.
  public init(user: Int32, item: Int32, time: Double? = nil) {
    self.user = user
    self.item = item
    self.time = time
  }
}
