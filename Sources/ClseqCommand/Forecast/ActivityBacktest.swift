import Clseq

/// How well models would have forecast the last days of a log, for JSON and for people.
struct ActivityBacktest: Encodable {
  /// The scores of one model.
  private struct Row: Encodable {
    let model: String
    let scores: Backtest.Scores

    private enum CodingKeys: String, CodingKey {
      case model, days, mase, rmse, coverage
      case meanWidth = "mean_width"
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(model, forKey: .model)
      try container.encode(scores.count, forKey: .days)
      try container.encodeIfPresent(scores.mase, forKey: .mase)
      try container.encode(scores.rmse, forKey: .rmse)
      try container.encode(scores.coverage, forKey: .coverage)
      try container.encode(scores.meanWidth, forKey: .meanWidth)
    }
  }

  private let counts: CountedDays
  private let test: Backtest
  private let rows: [Row]

  private enum CodingKeys: String, CodingKey {
    case interval, horizon, origins, models
    case firstForecast = "first_forecast"
  }

  init(
    _ counts: CountedDays, _ models: [ForecastModel], origins: Int, _ call: ForecastCall
  ) throws {
    (test, rows) = try counts.explaining {
      let test = try Backtest(
        counts.series, origins: origins, horizon: call.horizon, level: call.level)
      let first = Array(test.series[..<test.knownCounts.lowerBound])
      var rows = try models.map { model in
        let forecast = try model.forecaster(first, call)
        return Row(model: model.rawValue, scores: try test.scores { try forecast($0).steps })
      }
      let naive = try test.scores { known throws(ForecastError) in
        try SeasonalNaive.forecast(known, steps: call.horizon, level: call.level)
      }
      rows.append(Row(model: "seasonal-naive", scores: naive))
      return (test, rows)
    }
    self.counts = counts
  }

  func encode(to encoder: any Encoder) throws {
    try counts.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(test.level, forKey: .interval)
    try container.encode(test.horizon, forKey: .horizon)
    try container.encode(test.origins, forKey: .origins)
    try container.encode(counts.date(test.knownCounts.lowerBound), forKey: .firstForecast)
    try container.encode(rows, forKey: .models)
  }

  /// A row for each model.
  var text: String {
    var table = TextTable(
      header: ["model", "MASE", "RMSE", "in \(percentText(test.level)) interval", "mean width"])
    for row in rows {
      let scores = row.scores
      table.append([
        row.model, scores.mase.map { NumberText.fixed($0, digits: 3) } ?? "-",
        NumberText.fixed(scores.rmse, digits: 1),
        "\(NumberText.fixed(100 * scores.coverage, digits: 1)) %",
        NumberText.fixed(scores.meanWidth, digits: 1),
      ])
    }
    let (origins, days) = (test.knownCounts, counted(test.horizon, "day"))
    return """
      \(table.text)
      \(counts.text)
      tests  \(days) from each of \(counted(test.origins, "origin")), \
      \(counts.date(origins.lowerBound)) to \(counts.date(origins.upperBound - 1))

      """
  }
}
