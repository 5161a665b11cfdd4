import ClseqBase

/// Numbers of a report.
enum ReportNumber {
  /// A figure with four digits after the point; a dash if it is not finite.
  static func figure(_ value: Double?) -> String {
    guard let value, value.isFinite else { return "–" }
    return NumberText.fixed(value, digits: 4)
  }

  /// A whole number, its digits in groups of three.
  static func count(_ value: Double) -> String {
    value.isFinite && abs(value) < 1e15
      ? AxisScale.grouped(NumberText.fixed(value, digits: 0)) : "–"
  }

  /// A figure in about five digits.
  static func brief(_ value: Double) -> String {
    abs(value) >= 10_000 ? count(value) : "\((value * 1e6).rounded() / 1e6)"
  }
}
