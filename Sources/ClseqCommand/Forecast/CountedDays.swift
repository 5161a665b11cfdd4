import Clseq
import Foundation

/// The daily counts of a log or of one of its users, and where they come from.
struct CountedDays: Encodable {
  /// Why a log or a user of it has no forecast.
  struct Failure: Error, CustomStringConvertible {
    let log: String
    let user: String?
    let dayCount: Int?
    let reason: ForecastError

    /// Whether a back-test asks for too much.
    var isAboutOrigins: Bool {
      if case .tooManyOrigins = reason { true } else { false }
    }

    var description: String {
      let name = user.map { "\(log), user \($0)" } ?? log
      return dayCount.map { "\(name): \($0) days of counts: \(reason)" } ?? "\(name): \(reason)"
    }
  }

  let log: String
  let hash: String
  let user: String?
  let activity: DailyActivity

  private enum CodingKeys: String, CodingKey {
    case log, hash, user
    case firstDay = "first_day"
    case dayCount = "days"
    case eventCount = "events"
  }

  /// - Parameter user: from 0; nil for the whole log.
  init(_ dataset: SequenceDataset, user: Int?) throws(Failure) {
    (log, hash) = (dataset.source.name, dataset.source.hash)
    self.user = user.map { dataset.users[$0] }
    do throws(ForecastError) {
      activity = try DailyActivity(dataset, user: user)
    } catch {
      throw Failure(log: log, user: self.user, dayCount: nil, reason: error)
    }
  }

  /// The counts as numbers.
  var series: [Double] { activity.counts.map(Double.init) }

  /// A day of the log, from 0, or after it, as `2024-12-31`.
  func date(_ day: Int) -> String {
    Date(timeIntervalSince1970: Double(activity.firstDay + day) * 86_400)
      .formatted(.iso8601.year().month().day())
  }

  /// Runs a part that may fail for these days.
  func explaining<Result>(_ part: () throws -> Result) throws -> Result {
    do {
      return try part()
    } catch let error as ForecastError {
      throw Failure(log: log, user: user, dayCount: activity.counts.count, reason: error)
    }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(log, forKey: .log)
    try container.encode(hash, forKey: .hash)
    try container.encodeIfPresent(user, forKey: .user)
    try container.encode(date(0), forKey: .firstDay)
    try container.encode(activity.counts.count, forKey: .dayCount)
    try container.encode(activity.counts.reduce(0, +), forKey: .eventCount)
  }

  /// Two lines for people.
  var text: String {
    let events = activity.counts.reduce(0, +)
    return """
      log    \(log)\(user.map { ", user \($0)" } ?? "")
      days   \(activity.counts.count) from \(date(0)), \(counted(events, "event"))
      """
  }
}

/// The level of an interval, as `95 %`.
func percentText(_ level: Double) -> String {
  let percent = (level * 1000).rounded() / 10
  return percent == percent.rounded() ? "\(Int(percent)) %" : "\(percent) %"
}
