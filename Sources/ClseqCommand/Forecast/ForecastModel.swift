import Clseq
import ClseqOps
import ClseqTraining

/// The models of `clseq forecast`.
enum ForecastModel: String, CaseIterable {
  case arima
  case stateSpace = "state-space"
  case lstm

  static let names = allCases.map(\.rawValue)

  /// The models of a list with commas, or all; nil if a name is unknown or stands twice.
  static func list(_ text: String) -> [ForecastModel]? {
    if text == "all" { return allCases }
    let names = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    let models = names.compactMap(ForecastModel.init)
    return models.count == names.count && Set(models).count == names.count ? models : nil
  }

  /// A function that forecasts the days after a series.
  ///
  /// - Parameter known: The days that every series begins with. A network is trained on them once; the other
  ///   models are fitted to each series.
  func forecaster(
    _ known: [Double], _ call: ForecastCall
  ) throws -> (_ series: [Double]) throws -> FittedForecast {
    let (horizon, level) = (call.horizon, call.level)
    switch self {
    case .arima:
      return { series in
        let model = try ARIMA(selectedFor: series)
        return FittedForecast(
          steps: try model.forecast(steps: horizon, level: level), fit: .arima(model))
      }
    case .stateSpace:
      return { series in
        let model = try StructuralModel(selectedFor: series)
        return FittedForecast(
          steps: try model.forecast(steps: horizon, level: level), fit: .stateSpace(model))
      }
    case .lstm:
      try CountNetwork.check(known)
      let network = try CountNetwork(known, seed: call.seed, on: try call.backend())
      return { series in
        FittedForecast(
          steps: try network.forecast(after: series, steps: horizon, level: level),
          fit: .lstm(network))
      }
    }
  }
}

/// How far and how a forecast goes.
struct ForecastCall {
  let horizon: Int
  /// The probability that an interval holds the count, above 0 and below 1.
  let level: Double
  /// Of networks.
  let seed: UInt64
  let backend: () throws -> Backend
}

/// A forecast, and the model that made it.
struct FittedForecast {
  enum Fit {
    case arima(ARIMA)
    case stateSpace(StructuralModel)
    case lstm(CountNetwork)
  }

  let steps: [ForecastStep]
  let fit: Fit

  /// The model in a line.
  var text: String {
    switch fit {
    case .arima(let model):
      "\(model.order), AIC \(NumberText.fixed(model.aic, digits: 1))"
    case .stateSpace(let model):
      "\(model.components) of \(model.scale == .counts ? "counts" : "roots of counts"), AIC "
        + NumberText.fixed(model.aic, digits: 1)
    case .lstm(let network):
      "LSTM of epoch \(network.bestEpoch) of \(network.epochs), loss "
        + "\(NumberText.fixed(network.validationLoss, digits: 3)) on the last fifth of the days"
    }
  }
}

extension FittedForecast.Fit: Encodable {
  private enum CodingKeys: String, CodingKey {
    case model, order, phi, theta, mean, variance, aic, components, scale, variances
    case epochs, seed
    case logLikelihood = "log_likelihood"
    case bestEpoch = "best_epoch"
    case validationLoss = "validation_loss"
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    switch self {
    case .arima(let model):
      try container.encode(ForecastModel.arima.rawValue, forKey: .model)
      try container.encode(model.order, forKey: .order)
      try container.encode(model.phi, forKey: .phi)
      try container.encode(model.theta, forKey: .theta)
      try container.encode(model.mean, forKey: .mean)
      try container.encode(model.variance, forKey: .variance)
      try container.encode(model.logLikelihood, forKey: .logLikelihood)
      try container.encode(model.aic, forKey: .aic)
    case .stateSpace(let model):
      try container.encode(ForecastModel.stateSpace.rawValue, forKey: .model)
      try container.encode(model.components.description, forKey: .components)
      try container.encode(model.scale, forKey: .scale)
      try container.encode(model.variances, forKey: .variances)
      try container.encode(model.logLikelihood, forKey: .logLikelihood)
      try container.encode(model.aic, forKey: .aic)
    case .lstm(let network):
      try container.encode(ForecastModel.lstm.rawValue, forKey: .model)
      try container.encode(network.seed, forKey: .seed)
      try container.encode(network.epochs, forKey: .epochs)
      try container.encode(network.bestEpoch, forKey: .bestEpoch)
      try container.encode(network.validationLoss, forKey: .validationLoss)
    }
  }
}
