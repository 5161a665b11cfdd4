/// The last events of a user's history, and the items of events that are taken to follow.
package struct Continuation: Sendable, Equatable {
  /// Index of the user in the dataset.
  package let sequence: Int32
  /// Places of events of the history, perhaps none.
  package let history: Range<Int>
  /// The place of the last event of the history.
  package let last: Int
  /// Items of the events after it.
  package let items: [Int32]

  /// The last events of a history and all that follows it.
  ///
  /// - Parameters:
  ///   - sequence: The user, from 0.
  ///   - history: Places of the whole history, at least one.
  ///   - items: The items after it, in the order of time.
  ///   - maximumLength: How many events are kept in all, the last ones; at least 1.
  package init(
    sequence: Int32, history: Range<Int>, followedBy items: [Int32], maximumLength: Int
  ) {
    precondition(
      !history.isEmpty && maximumLength >= 1,
      "Continuation: history \(history), length \(maximumLength)")
    self.sequence = sequence
    self.items = Array(items.suffix(maximumLength))
    last = history.upperBound - 1
    let kept = min(history.count, maximumLength - self.items.count)
    self.history = history.upperBound - kept..<history.upperBound
  }

  /// Number of events.
  package var count: Int { history.count + items.count }
}
