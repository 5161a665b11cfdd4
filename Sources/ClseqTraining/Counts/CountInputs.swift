import ClseqForecast

/// How days become numbers for a ``CountNetwork``.
struct CountInputs {
  private static let period = StructuralComponents.period
  /// Numbers per day: three of the values before it, and its weekday.
  static let width = 3 + period
  /// The days before the first that can be read.
  static let lead = 2 * period

  /// s at or below this share of the largest root is zero.
  private static let smallestScale = 1e-9

  /// s, the standard deviation of x − l.
  let scale: Double

  /// The rows of the days from the ``lead``-th on.
  struct Days {
    /// `[N, width]`.
    private(set) var features: [Float] = []
    /// (x − l) / s, `[N]`.
    private(set) var targets: [Double] = []

    init(_ series: [Double], _ inputs: CountInputs) {
      let roots = CountScale.squareRoot.transformed(series)
      for day in CountInputs.lead..<series.count {
        let past = roots[(day - CountInputs.lead)..<day]
        features += inputs.features(past, weekday: day % CountInputs.period)
        let level = CountInputs.level(past)
        targets.append((roots[day] - level) / inputs.scale)
      }
    }
  }

  /// - Parameter series: The days of training, more than ``lead``; nil is returned if no day differs from
  ///   the mean of the week before.
  init?(_ series: [Double]) {
    let roots = CountScale.squareRoot.transformed(series)
    let squares = (Self.lead..<series.count).reduce(0.0) { sum, day in
      let error = roots[day] - Self.level(roots[(day - Self.lead)..<day])
      return sum + error * error
    }
    scale = (squares / Double(series.count - Self.lead)).squareRoot()
    // The mean of equal roots differs from them by roundings.
    if scale <= Self.smallestScale * (roots.max() ?? 1) { return nil }
  }

  /// l, the mean of the last seven values.
  static func level(_ past: ArraySlice<Double>) -> Double {
    past.suffix(period).reduce(0, +) / Double(period)
  }

  /// The row of a day.
  ///
  /// - Parameters:
  ///   - past: The roots of at least ``lead`` days before it.
  ///   - weekday: The day modulo 7; any day may be the first.
  func features(_ past: ArraySlice<Double>, weekday: Int) -> [Float] {
    let level = Self.level(past)
    let values = [
      past[past.endIndex - 1] - level, past[past.endIndex - Self.period] - level,
      level - Self.level(past.dropLast(Self.period)),
    ]
    return values.map { Float($0 / scale) }
      + (0..<Self.period).map { $0 == weekday ? 1 : 0 }
  }
}
