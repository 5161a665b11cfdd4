@testable import ClseqBase
@testable import ClseqData

/// A log of one format, or of whatever is recognised.
///
/// However the bytes come in pieces, and however small the buffer is in which records are put
/// together, the log reads the same.
struct LogTarget: FuzzTarget {
  private let format: LogFormat?

  init(_ format: LogFormat?) { self.format = format }

  func run(_ input: [UInt8]) {
    let options = ReadingOptions(format: format, tolerated: .count(3), missing: .drop)
    // No roomier than that, so that the sanitizer sees what is read behind the last record.
    let roomy = LineReader.Capacity(initial: max(16, input.count))
    let whole = LogOutcome(PiecewiseSource(input), options, roomy)
    // What a format is recognised by has to lie in the buffer.
    let tight = format == nil ? roomy : LineReader.Capacity(initial: 16)
    let pieces = LogOutcome(PiecewiseSource(input, pieceByteCount: 1), options, tight)
    require(whole == pieces, "read whole \(whole), in pieces \(pieces)")

    _ = LogOutcome(PiecewiseSource(input), ReadingOptions(format: format), roomy)
    let narrow = LineReader.Capacity(initial: 16, maximum: 64)
    _ = LogOutcome(PiecewiseSource(input, pieceByteCount: 7), options, narrow)
  }
}

/// All that a reader says of a log.
private struct LogOutcome: Equatable {
  struct Event: Equatable {
    var user: String
    var item: String
    var type: String?
    var time: Int64?
    var endTime: Int64?
    var session: UInt64?
    /// The label and the features, as bits: a missing number equals itself.
    var numbers: [UInt64]
  }

  var events: [Event] = []
  var faults: [DataError] = []
  var incompleteCount = 0
  var hash: UInt64?
  var error: DataError?

  init(_ source: PiecewiseSource, _ options: ReadingOptions, _ capacity: LineReader.Capacity) {
    do throws(DataError) {
      var stream = try InteractionStream(source, options: options, capacity: capacity)
      do throws(DataError) {
        while let event = try stream.next() { events.append(Self.event(event, of: stream)) }
        hash = stream.hash.value
      } catch {
        self.error = error
      }
      faults = stream.faults
      incompleteCount = stream.incompleteCount
    } catch {
      self.error = error
    }
  }

  private static func event(
    _ event: Interaction, of stream: borrowing InteractionStream
  ) -> Event {
    let features = stream.featureColumns.indices.map { stream.feature($0).bitPattern }
    return Event(
      user: stream.users[Int(event.user)], item: stream.items[Int(event.item)],
      type: event.eventType.map { stream.eventTypes[Int($0)] }, time: event.time,
      endTime: stream.endTime, session: stream.session,
      numbers: [stream.label?.bitPattern ?? 0] + features)
  }
}
