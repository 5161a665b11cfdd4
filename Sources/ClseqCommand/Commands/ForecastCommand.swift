import ArgumentParser
import Clseq
import Foundation

/// Forecasts how many events the days after a log will have.
struct ForecastCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "forecast", abstract: "Forecast the daily events of a log or of a user (ARIMA).",
    discussion: """
      Counts the events of each day (UTC) from the first to the last day of the log, those of every \
      user, and fits the ARIMA model of minimum AIC. A user's \
      days are those from the user's first event to the end of the log. Intervals are Gaussian, and \
      may reach below zero where counts are small.
      """)

  @Argument(help: "The log or the dataset.", completion: .file()) var log: String
  @Option(help: ArgumentHelp("One user's events alone.", valueName: "token")) var user: String?
  @Option(help: ArgumentHelp("How far to forecast.", valueName: "days")) var horizon = 14
  @Option(help: ArgumentHelp("How much of the days the interval holds.", valueName: "percent"))
  var interval = 95.0
  @OptionGroup(title: "Reading") var options: SettingOptions<ReadingSettings>

  func validate() throws {
    guard (1...ForecastStep.maximumCount).contains(horizon) else {
      throw ValidationError(
        "--horizon is \(horizon), and must be 1 to \(ForecastStep.maximumCount)")
    }
    guard interval > 0, interval < 100 else {
      throw ValidationError("--interval is \(interval), and must be above 0 and below 100")
    }
  }

  func run() throws {
    var settings = try SettingResolution(environment: ProcessInfo.processInfo.environment)
      .standalone(options: options.values)
    settings.data = try log.asPath
    var needs = EventNeeds()
    needs.leastUserEvents = 1
    let dataset = try settings.readDataset(needs: needs)
    let index = try user.map { token throws(DataError) -> Int in
      guard let index = dataset.users.index(of: token) else {
        throw .unknownToken(
          path: dataset.source.name, token: token,
          expected: "a user of the log")
      }
      return Int(index)
    }
    let forecast = try ActivityForecast(
      dataset, user: index, horizon: horizon, level: interval / 100)
    try Console.show(WithReading(forecast, dataset.source), as: settings.format) { forecast.text }
  }
}
