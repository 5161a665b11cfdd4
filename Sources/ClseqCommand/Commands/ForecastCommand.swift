import ArgumentParser
import Clseq
import Foundation

/// Forecasts how many events the days after a log will have.
struct ForecastCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "forecast", abstract: "Forecast the daily events of a log or of a user.",
    discussion: """
      Counts the events of each day (UTC) from the first to the last day of the log, those of every \
      user. A user's days are those from the user's first event to the end of the log. arima is the \
      ARIMA model of minimum AIC, without a season; its intervals are Gaussian, and may reach below zero \
      where counts are small. state-space is a level with or without a trend and a weekly season, of the \
      counts or of their roots, by AIC. lstm is a small recurrent network with the weekday among its inputs, which is trained on the \
      first four fifths of the days; its intervals are of drawn paths. --backtest compares forecasts from earlier days with the counts, \
      beside those of the weekday before (seasonal naive).
      """)

  @Argument(help: "The log or the dataset.", completion: .file()) var log: String
  @Option(help: ArgumentHelp("One user's events alone.", valueName: "token")) var user: String?
  @Option(
    help: ArgumentHelp(
      "The model; with --backtest also several with commas between them, or all.",
      valueName: ForecastModel.names.joined(separator: "|")),
    completion: .list(ForecastModel.names + ["all"]))
  var model = ForecastModel.arima.rawValue
  @Option(help: ArgumentHelp("How far to forecast.", valueName: "days")) var horizon = 14
  @Option(help: ArgumentHelp("How much of the days the interval holds.", valueName: "percent"))
  var interval = 95.0
  @Option(
    help: ArgumentHelp(
      "Test forecasts from so many days before the end: the last one leaves --horizon days.",
      valueName: "origins"))
  var backtest: Int?
  @OptionGroup(title: "Settings") var options: SettingOptions<ForecastSettings>

  func validate() throws {
    guard (1...ForecastStep.maximumCount).contains(horizon) else {
      throw ValidationError(
        "--horizon is \(horizon), and must be 1 to \(ForecastStep.maximumCount)")
    }
    guard interval > 0, interval < 100 else {
      throw ValidationError("--interval is \(interval), and must be above 0 and below 100")
    }
    if let backtest, backtest < 1 {
      throw ValidationError("--backtest is \(backtest), and must be at least 1")
    }
    guard let models = ForecastModel.list(model) else {
      throw ValidationError(
        "--model is '\(model)', and must be \(ForecastModel.names.joined(separator: ", ")), with "
          + "--backtest also several with commas between them, or all")
    }
    guard models.count == 1 || backtest != nil else {
      throw ValidationError("--model is '\(model)': several models need --backtest")
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
    let counts = try CountedDays(dataset, user: index)
    let models = ForecastModel.list(model) ?? []
    if !models.contains(.lstm) { warnOfIdleNetworkSettings(settings) }
    let call = ForecastCall(horizon: horizon, level: interval / 100, seed: settings.seed) {
      try settings.openBackendAndReport()
    }
    if let backtest {
      let report = try ActivityBacktest(counts, models, origins: backtest, call)
      return try Console.show(WithReading(report, dataset.source), as: settings.format) {
        report.text
      }
    }
    let forecast = try ActivityForecast(counts, models[0], call)
    try Console.show(WithReading(forecast, dataset.source), as: settings.format) { forecast.text }
  }

  private func warnOfIdleNetworkSettings(_ settings: ResolvedSettings) {
    for setting in ForecastSettings.ofNetworks.map(Setting.at)
    where settings.given.contains(setting.key) {
      Console.warn("--\(setting.flag) has no effect: it is for --model lstm", settings)
    }
  }
}
