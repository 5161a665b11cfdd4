/// Why a series cannot be forecast.
public enum ForecastError: Error, Equatable, Sendable {
  /// The data hold no times, so nothing can be counted per day.
  case noTimes
  /// A value is not a number or infinite.
  case notFinite
  /// A time is more than ``DailyActivity/maximumDayDistance`` from 1970; perhaps the unit is wrong.
  case timeOutOfRange(days: Int)
  /// A model of this order needs more values.
  case tooShort(count: Int, minimum: Int)
  /// The series is constant after this many differences: there is nothing to fit.
  case noVariation(differences: Int)
  /// An order outside of ``ARIMAOrder/maximumLag`` and ``ARIMAOrder/maximumDifferences``.
  case unsupportedOrder(ARIMAOrder)
  /// The coverage of an interval is not between 0 and 1.
  case invalidLevel(Double)
  /// A value below zero, which has no root.
  case negative
  /// A series of so many values cannot be tested from so many origins with this horizon.
  case tooManyOrigins(Int, horizon: Int, count: Int)
}

extension ForecastError: CustomStringConvertible {
  /// One line for people.
  public var description: String {
    switch self {
    case .noTimes:
      "the log has no times, so its activity per day is unknown"
    case .notFinite:
      "expected finite numbers, found one that is not"
    case .timeOutOfRange(let days):
      "a time is \(days) days from 1970-01-01, more than \(DailyActivity.maximumDayDistance): is "
        + "the unit of time right?"
    case .tooShort(let count, let minimum):
      "expected at least \(minimum) values, found \(count)"
    case .noVariation(let differences):
      "the series does not vary after \(differences) differences: there is nothing to fit"
    case .unsupportedOrder(let order):
      "expected p and q of 0 to \(ARIMAOrder.maximumLag) and d of 0 to "
        + "\(ARIMAOrder.maximumDifferences), found \(order)"
    case .invalidLevel(let level):
      "expected a level between 0 and 1, found \(level)"
    case .negative:
      "expected values of at least 0, found one below"
    case .tooManyOrigins(let origins, let horizon, let count):
      Backtest.maximumOrigins(count: count, horizon: horizon) < 1
        ? "a horizon of \(horizon) days leaves fewer than \(Backtest.minimumFitted) days before it"
        : "expected 1 to \(Backtest.maximumOrigins(count: count, horizon: horizon)) origins for a "
          + "horizon of \(horizon) days, found \(origins)"
    }
  }
}
