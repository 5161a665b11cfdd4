public import ClseqForecast
import ClseqNN
public import ClseqOps
import Foundation

/// An LSTM that forecasts daily counts: after each day it gives the mean and the variance of the next one.
///
/// With x = √(y + 3/8) (`CountScale.squareRoot`), l the mean of the seven values before a day and s the
/// standard deviation of x − l in the days of training, it reads for each day
///
///     (x_{t−1} − l_t) / s,   (x_{t−7} − l_t) / s,   (l_t − l_{t−7}) / s,   the weekday
///
/// and gives μ and log σ² of (x_t − l_t) / s, so that a network of zeros forecasts the mean of a week. The loss
/// is the Gaussian negative log-likelihood. All days are one sequence; the last fifth is not trained on:
/// the epoch of their smallest loss is taken, and their errors scale σ. Days ahead are forecast by paths, each of which draws a
/// day and reads it as the next. Sources: Hochreiter and Schmidhuber, Long short-term memory, Neural Computation
/// 1997; Salinas et al., DeepAR, International Journal of Forecasting 2020, for the loss and the paths.
public final class CountNetwork {
  /// The minimum number of days to train on: eight weeks.
  public static let minimumDays = 56
  /// The number of paths of a forecast.
  public static let pathCount = 1_000

  /// The epochs that were trained.
  public private(set) var epochs = 0
  /// The epoch whose weights were taken.
  public private(set) var bestEpoch = 0
  /// The mean negative log-likelihood of the last fifth of the days in that epoch, of numbers of standard
  /// deviation one.
  public private(set) var validationLoss = Double.infinity

  private let layers: CountLayers
  private let inputs: CountInputs
  /// By which the errors of the last fifth exceed σ.
  private var spread = 1.0
  /// The seed of the weights and of the paths.
  public let seed: UInt64

  /// Trains a network.
  ///
  /// - Parameters:
  ///   - series: Values of days, none below zero.
  ///   - seed: The seed of the weights and of the paths.
  ///   - backend: Where it runs.
  /// - Throws: `ForecastError.notFinite`, `.negative`, `.tooShort` and `.noVariation`; `OpenCLError` when
  ///   memory runs out or a launch fails.
  public init(_ series: [Double], seed: UInt64, on backend: Backend) throws {
    try Self.check(series)
    guard let inputs = CountInputs(series) else { throw ForecastError.noVariation(differences: 0) }
    self.inputs = inputs
    self.seed = seed
    layers = try CountLayers(seed: seed, on: backend)
    try train(CountInputs.Days(series, inputs))
  }

  /// Forecasts the days after a series that begins with the days of training.
  ///
  /// - Parameters:
  ///   - series: Values of days, none below zero, at least as many as were trained on.
  ///   - steps: The number of days, clamped to 0 … `ForecastStep.maximumCount`.
  ///   - level: The probability that the interval holds the value, above 0 and below 1.
  /// - Throws: `ForecastError.notFinite`, `.negative`, `.tooShort` and `.invalidLevel`; `OpenCLError` when
  ///   memory runs out or a launch fails.
  public func forecast(
    after series: [Double], steps: Int, level: Double = 0.95
  ) throws -> [ForecastStep] {
    try Self.check(series)
    guard level > 0, level < 1 else { throw ForecastError.invalidLevel(level) }
    var paths = try CountPaths(
      after: series, inputs, layers, spread: spread,
      key: RandomKey(seed: seed, epoch: UInt32(truncatingIfNeeded: series.count)))
    return try (0..<max(0, min(steps, ForecastStep.maximumCount))).map { _ in
      try ForecastStep(samples: try paths.next(), level: level)
    }
  }

  /// Checks a series before a device is opened for it.
  ///
  /// - Throws: `ForecastError.notFinite`, `.negative` and `.tooShort`.
  public static func check(_ series: [Double]) throws(ForecastError) {
    guard series.allSatisfy(\.isFinite) else { throw .notFinite }
    guard series.allSatisfy({ $0 >= 0 }) else { throw .negative }
    guard series.count >= minimumDays else {
      throw .tooShort(count: series.count, minimum: minimumDays)
    }
  }

  private func train(_ days: CountInputs.Days) throws {
    let trained = days.targets.count - max(14, days.targets.count / 5)
    var best = try layers.values
    while epochs < Training.epochs, epochs - bestEpoch < Training.patience {
      let tape = Tape(layers.backend, mode: .training(RandomKey(seed: seed, epoch: UInt32(epochs))))
      let outputs = try layers(days.features, on: tape)
      let values = try layers.backend.read(outputs)
      let losses = GaussianRows(values, days.targets)
      let loss = losses.mean(of: trained..<days.targets.count)
      if loss < validationLoss {
        (validationLoss, bestEpoch) = (loss, epochs)
        best = try layers.values
        spread = losses.spread(of: trained..<days.targets.count)
      }
      epochs += 1
      try layers.step(
        tape, outputs, gradient: losses.gradient(of: 0..<trained), number: epochs, seed: seed)
    }
    try layers.set(best)
  }

  /// The numbers of training: chosen once on generated logs, and not by the log.
  enum Training {
    static let epochs = 300
    static let patience = 60
    static let learningRate = 0.01
    static let hiddenSize = 16
    static let optimizer = OptimizerSettings(weightDecay: 0.01, maximumGradientNorm: 1)
  }
}

/// The Gaussian negative log-likelihood of rows (μ, log σ²), without its constant ½ log 2π:
/// ½ (log σ² + (t − μ)² / σ²). Logarithms beyond ±``limit`` count as that.
package struct GaussianRows {
  private static let limit = 12.0

  private let outputs: [Float]
  private let targets: [Double]

  package init(_ outputs: [Float], _ targets: [Double]) {
    (self.outputs, self.targets) = (outputs, targets)
  }

  /// μ and log σ² of a row.
  static func parameters(_ outputs: [Float], _ row: Int) -> (mean: Double, logVariance: Double) {
    (Double(outputs[2 * row]), min(limit, max(-limit, Double(outputs[2 * row + 1]))))
  }

  /// The mean loss of some rows.
  package func mean(of rows: Range<Int>) -> Double {
    let sum = rows.reduce(0.0) { sum, row in
      let (mean, logVariance) = Self.parameters(outputs, row)
      let error = targets[row] - mean
      return sum + 0.5 * (logVariance + error * error * exp(-logVariance))
    }
    return sum / Double(rows.count)
  }

  /// The root of the mean of (t − μ)² / σ² of some rows.
  func spread(of rows: Range<Int>) -> Double {
    let sum = rows.reduce(0.0) { sum, row in
      let (mean, logVariance) = Self.parameters(outputs, row)
      let error = targets[row] - mean
      return sum + error * error * exp(-logVariance)
    }
    return (sum / Double(rows.count)).squareRoot()
  }

  /// The gradient of the mean loss of some rows, `[N, 2]`; zero for the others.
  package func gradient(of rows: Range<Int>) -> [Float] {
    var gradient = [Float](repeating: 0, count: outputs.count)
    for row in rows {
      let (mean, logVariance) = Self.parameters(outputs, row)
      let (error, precision) = (targets[row] - mean, exp(-logVariance))
      gradient[2 * row] = Float(-error * precision / Double(rows.count))
      if abs(logVariance) < Self.limit {
        let slope = 0.5 * (1 - error * error * precision)
        gradient[2 * row + 1] = Float(slope / Double(rows.count))
      }
    }
    return gradient
  }
}
