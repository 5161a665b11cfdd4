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
  /// Codes of their types among the model's inputs, 0 for none.
  var typeCodes: [Int32] = []
  /// The events.
  var events: [GeneratedEvent] = []
  /// The logarithm of the product of their probabilities.
  var logProbability = 0.0
  /// Which sequence of the step before it continues.
  var parent = 0

  /// The sequence with one more event.
  ///
  /// - Parameters:
  ///   - row: The row of its item.
  ///   - event: The event.
  ///   - typeCode: The code of its type.
  ///   - parent: The own number in this step.
  func followed(
    by row: Int, _ event: GeneratedEvent, typeCode: Int32, parent: Int
  ) -> PartialSequence {
    var longer = self
    longer.rows.append(row)
    longer.typeCodes.append(typeCode)
    longer.events.append(event)
    longer.logProbability += log(event.probability)
    longer.parent = parent
    return longer
  }
}
