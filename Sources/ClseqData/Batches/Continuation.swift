/// The last events of a user's history, and the items of events that are taken to follow, perhaps with types.
package struct Continuation: Sendable, Equatable {
  /// Index of the user in the dataset.
  package let sequence: Int32
  /// Places of events of the history, perhaps none.
  package let history: Range<Int>
  /// The place of the last event of the history.
  package let last: Int
  /// Items of the events after it.
  package let items: [Int32]
  /// Codes of their types in the encoding of inputs, 0 for one that is not known, −1 for that of the last event of the
  /// history.
  package let types: [Int32]
  /// The position of the first event that is left.
  package let firstTime: Int

  /// The last events of a history and all that follows it.
  ///
  /// - Parameters:
  ///   - sequence: The user, from 0.
  ///   - history: Places of the whole history, at least one.
  ///   - items: The items after it, in the order of time.
  ///   - types: Codes of their types, see ``types``; nil where none is known.
  ///   - maximumLength: How many events are kept in all, the last ones; at least 1.
  package init(
    sequence: Int32, history: Range<Int>, followedBy items: [Int32], types: [Int32]? = nil,
    maximumLength: Int
  ) {
    let types = types ?? [Int32](repeating: 0, count: items.count)
    precondition(
      types.count == items.count, "Continuation: \(types.count) types of \(items.count) items")
    precondition(
      !history.isEmpty && maximumLength >= 1,
      "Continuation: history \(history), length \(maximumLength)")
    self.sequence = sequence
    self.items = Array(items.suffix(maximumLength))
    self.types = Array(types.suffix(maximumLength))
    last = history.upperBound - 1
    let kept = min(history.count, maximumLength - self.items.count)
    self.history = history.upperBound - kept..<history.upperBound
    firstTime = 0
  }

  private init(newestOf whole: Continuation, time: Int) {
    precondition(!whole.items.isEmpty, "Continuation: nothing follows the history")
    (sequence, last) = (whole.sequence, whole.last)
    (items, types) = (whole.items.suffix(1), whole.types.suffix(1))
    history = last + 1..<last + 1
    firstTime = time
  }

  /// The last event alone, at its position, which follows the history.
  package var newest: Continuation {
    Continuation(newestOf: self, time: firstTime + count - 1)
  }

  /// The last event alone, at its position among those after the history.
  package var newestWritten: Continuation {
    Continuation(newestOf: self, time: items.count - 1)
  }

  /// Number of events.
  package var count: Int { history.count + items.count }
}
