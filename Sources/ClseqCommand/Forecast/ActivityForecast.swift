import Clseq

/// The daily events expected after a log, for JSON and for people.
struct ActivityForecast: Encodable {
  private struct Day: Encodable {
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

  private let counts: CountedDays
  private let fitted: FittedForecast
  private let interval: Double
  private let days: [Day]

  private enum CodingKeys: String, CodingKey { case interval, forecast }

  init(_ counts: CountedDays, _ model: ForecastModel, _ call: ForecastCall) throws {
    fitted = try counts.explaining {
      try model.forecaster(counts.series, call)(counts.series)
    }
    let next = counts.activity.counts.count
    days = fitted.steps.enumerated().map { step, forecast in
      Day(
        day: counts.date(next + step), mean: forecast.mean,
        standardError: forecast.standardError, lower: forecast.lower, upper: forecast.upper)
    }
    (self.counts, interval) = (counts, call.level)
  }

  func encode(to encoder: any Encoder) throws {
    try counts.encode(to: encoder)
    try fitted.fit.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(interval, forKey: .interval)
    try container.encode(days, forKey: .forecast)
  }

  /// The forecast as a table, and what it was made from.
  var text: String {
    var table = TextTable(header: ["day", "events", "\(percentText(interval)) interval"])
    for day in days {
      let numbers = [day.mean, day.lower, day.upper].map { NumberText.fixed($0, digits: 1) }
      table.append([day.day, numbers[0], "\(numbers[1]) to \(numbers[2])"])
    }
    return "\(table.text)\n\(counts.text)\nmodel  \(fitted.text)\n"
  }
}
