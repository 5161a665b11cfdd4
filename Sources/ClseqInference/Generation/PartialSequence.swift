#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A history, and the events that are taken to follow it so far.
struct PartialSequence {
  /// The user, from 0 in the dataset.
  let user: Int
  /// Rows of the items in the ranking's table, in the order of time.
  var rows: [Int] = []
  /// The events.
  var events: [GeneratedEvent] = []
  /// The logarithm of the product of their probabilities.
  var logProbability = 0.0
  /// Which sequence of the step before it continues.
  var parent = 0

  /// The sequence with one more event.
  ///
  /// - Parameter parent: Its own number in this step.
  func followed(by row: Int, _ event: GeneratedEvent, parent: Int) -> PartialSequence {
    var longer = self
    longer.rows.append(row)
    longer.events.append(event)
    longer.logProbability += log(event.probability)
    longer.parent = parent
    return longer
  }
}
