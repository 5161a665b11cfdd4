public import ClseqData

/// The number of events of each day.
///
/// Days are those of UTC, 86,400 seconds each. Days without events count as zero; the first and the
/// last day may be cut by the log's ends and are kept.
public struct DailyActivity: Sendable, Equatable {
  /// How many days a time may be from 1970-01-01: about a thousand years.
  public static let maximumDayDistance = 366_000

  /// The first day, counted from 1970-01-01.
  public let firstDay: Int
  /// The events of each day from the first to the last.
  public let counts: [Int]

  /// Counts the events of a dataset. Users with too few events for a split are not in a dataset.
  ///
  /// - Parameters:
  ///   - dataset: Events with times.
  ///   - user: One user (from 0), from the day of the user's first event to the last day of the
  ///     log; nil for all users.
  /// - Throws: `ForecastError.noTimes` and `.timeOutOfRange`.
  public init(_ dataset: SequenceDataset, user: Int? = nil) throws(ForecastError) {
    guard let times = dataset.times, let end = times.max() else { throw .noTimes }
    let places = user.map { dataset[$0].indices } ?? times.indices
    try self.init(times: times[places], until: end)
  }

  /// Counts events by their times.
  ///
  /// - Parameters:
  ///   - times: In microseconds since 1970-01-01 UTC, in any order.
  ///   - end: A time on the last day, if that is later than all of `times`.
  /// - Throws: `ForecastError.noTimes` and `.timeOutOfRange`.
  public init(times: some Collection<Int64>, until end: Int64? = nil) throws(ForecastError) {
    guard let first = times.min(), let last = times.max() else { throw .noTimes }
    let (firstDay, lastDay) = (Self.day(first), Self.day(max(last, end ?? last)))
    for day in [firstDay, lastDay] where abs(day) > Self.maximumDayDistance {
      throw .timeOutOfRange(days: day)
    }
    var counts = [Int](repeating: 0, count: lastDay - firstDay + 1)
    for time in times { counts[Self.day(time) - firstDay] += 1 }
    self.firstDay = firstDay
    self.counts = counts
  }

  /// The day of a time, counted from 1970-01-01, rounded down.
  private static func day(_ time: Int64) -> Int {
    let (quotient, remainder) = time.quotientAndRemainder(dividingBy: 86_400_000_000)
    return Int(remainder < 0 ? quotient - 1 : quotient)
  }
}
