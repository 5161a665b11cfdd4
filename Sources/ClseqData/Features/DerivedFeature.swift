extension FeatureRequest.Origin {
  /// The column that the derived number needs; nil for a column of numbers.
  var source: String? {
    switch self {
    case .column, .timeColumn: nil
    case .duration: "end times"
    case .gap, .hour, .weekday: "times"
    }
  }

  /// The number derived from an event's time and that of the user's previous event, both in
  /// microseconds since 1970; NaN if it is not derived from these.
  func number(at time: Int64, after previous: Int64?) -> Double {
    let hour: Int64 = 3_600_000_000
    switch self {
    case .column, .timeColumn, .duration: return .nan
    case .gap: return previous.map { Double(time - $0) / 1e6 } ?? .nan
    case .hour: return Double(Self.quotient(time, hour) - 24 * Self.quotient(time, 24 * hour))
    case .weekday:
      // 1970-01-01 was a Thursday.
      let day = Self.quotient(time, 24 * hour) + 3
      return Double(day - 7 * Self.quotient(day, 7))
    }
  }

  /// The quotient rounded down.
  private static func quotient(_ number: Int64, _ divisor: Int64) -> Int64 {
    let (quotient, rest) = number.quotientAndRemainder(dividingBy: divisor)
    return rest < 0 ? quotient - 1 : quotient
  }
}
