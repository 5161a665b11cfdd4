import Clseq
import Foundation

/// The daily events expected after a log, for JSON and for people.
struct ActivityForecast: Encodable {
  struct Day: Encodable {
    let day: String
    let mean: Double
    let standardError: Double
    let lower: Double
    let upper: Double

    private enum CodingKeys: String, CodingKey {
      case day, mean, lower, upper
      case standardError = "standard_error"
    }
  }

  /// Why a log or a user of it has no forecast.
  struct Failure: Error, CustomStringConvertible {
    let log: String
    let user: String?
    let dayCount: Int?
    let reason: ForecastError

    var description: String {
      let name = user.map { "\(log), user \($0)" } ?? log
      return dayCount.map { "\(name): \($0) days of counts: \(reason)" } ?? "\(name): \(reason)"
    }
  }

  let log: String
  let hash: String
  let user: String?
  let firstDay: String
  let dayCount: Int
  let eventCount: Int
  let order: ARIMAOrder
  let phi: [Double]
  let theta: [Double]
  let mean: Double
  let variance: Double
  let logLikelihood: Double
  let aic: Double
  let interval: Double
  let forecast: [Day]

  private enum CodingKeys: String, CodingKey {
    case log, hash, user, order, phi, theta, mean, variance, aic, interval, forecast
    case firstDay = "first_day"
    case dayCount = "days"
    case eventCount = "events"
    case logLikelihood = "log_likelihood"
  }

  /// - Parameters:
  ///   - user: from 0; nil for the whole log.
  ///   - level: the probability that an interval holds the count, above 0 and below 1.
  init(
    _ dataset: SequenceDataset, user: Int?, horizon: Int, level: Double
  ) throws(Failure) {
    let name = dataset.source.name
    let token = user.map { dataset.users[$0] }
    var known: DailyActivity?
    do throws(ForecastError) {
      let activity = try DailyActivity(dataset, user: user)
      known = activity
      let model = try ARIMA(selectedFor: activity.counts.map(Double.init))
      let predictions = try model.forecast(steps: horizon, level: level)
      let next = activity.firstDay + activity.counts.count
      forecast = predictions.enumerated().map { step, prediction in
        Day(
          day: Self.date(next + step), mean: prediction.mean,
          standardError: prediction.standardError, lower: prediction.lower,
          upper: prediction.upper)
      }
      (order, phi, theta) = (model.order, model.phi, model.theta)
      (mean, variance) = (model.mean, model.variance)
      (logLikelihood, aic) = (model.logLikelihood, model.aic)
      (firstDay, dayCount) = (Self.date(activity.firstDay), activity.counts.count)
      eventCount = activity.counts.reduce(0, +)
    } catch {
      throw Failure(log: name, user: token, dayCount: known?.counts.count, reason: error)
    }
    (log, hash, self.user, interval) = (name, dataset.source.hash, token, level)
  }

  /// The forecast as a table, and what it was made from.
  var text: String {
    let percent = (interval * 1000).rounded() / 10
    let level = percent == percent.rounded() ? "\(Int(percent))" : "\(percent)"
    var table = TextTable(header: ["day", "events", "\(level) % interval"])
    for day in forecast {
      let numbers = [day.mean, day.lower, day.upper].map { NumberText.fixed($0, digits: 1) }
      table.append([day.day, numbers[0], "\(numbers[1]) to \(numbers[2])"])
    }
    return """
      \(table.text)
      log    \(log)\(user.map { ", user \($0)" } ?? "")
      days   \(dayCount) from \(firstDay), \(counted(eventCount, "event"))
      model  \(order), AIC \(NumberText.fixed(aic, digits: 1))

      """
  }

  /// A day counted from 1970-01-01, as `2024-12-31`.
  private static func date(_ day: Int) -> String {
    Date(timeIntervalSince1970: Double(day) * 86_400)
      .formatted(.iso8601.year().month().day())
  }
}
