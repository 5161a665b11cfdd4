import ClseqBase
import Foundation

/// The range of an axis and its ticks, which are round numbers.
package struct AxisScale: Equatable {
  /// The ends of the axis.
  package let lower: Double
  package let upper: Double
  /// Between two ticks: 1, 2 or 5 times a power of ten.
  package let step: Double

  /// An axis from tick to tick around finite values, which may be none.
  ///
  /// - Parameters:
  ///   - includesZero: Whether zero is on the axis even if the values are far from it. It always is
  ///     where they are all equal.
  ///   - tickCount: About how many ticks there are.
  package init(_ values: some Collection<Double>, includesZero: Bool, tickCount: Int = 5) {
    let known = values.filter(\.isFinite).map {
      abs($0) < 1e-280 ? 0 : min(max($0, -1e300), 1e300)
    }
    var (low, high) = (known.min() ?? 0, known.max() ?? 0)
    let isFlat = high - low <= 1e-9 * max(abs(low), abs(high))
    if includesZero || isFlat || (low > 0 && low < high / 2) {
      (low, high) = (min(0, low), max(0, high))
    }
    if low == high { high = 1 }
    step = Self.round(above: (high - low) / Double(tickCount))
    // A value at a tick, up to rounding, needs no further one.
    lower = (low / step + 1e-6).rounded(.down) * step
    upper = (high / step - 1e-6).rounded(.up) * step
  }

  /// An axis of epochs, from the first to the last.
  package init(epochs: ClosedRange<Int>, tickCount: Int = 8) {
    (lower, upper) = (Double(epochs.lowerBound), Double(epochs.upperBound))
    step = max(1, Self.round(above: (upper - lower) / Double(tickCount)))
  }

  /// The places of ticks, ascending.
  package var ticks: [Double] {
    let (first, last) = ((lower / step).rounded(.up), (upper / step).rounded(.down))
    return (0...Int(max(0, last - first))).map { (first + Double($0)) * step }
  }

  /// The position of a value, from 0 at the lower end to 1; in the middle of an axis without length.
  package func place(_ value: Double) -> Double {
    upper > lower ? (value - lower) / (upper - lower) : 0.5
  }

  /// A tick in as many digits as distinguish it from the others.
  package func text(_ tick: Double) -> String {
    guard tick != 0 else { return "0" }
    let largest = max(abs(lower), abs(upper))
    guard largest < 1e9, step >= 1e-5 else { return String(format: "%g", tick) }
    let digits = max(0, Int(-log10(step).rounded(.down)))
    let text = NumberText.fixed(tick, digits: digits)
    return digits == 0 ? Self.grouped(text) : text
  }

  /// Digits in threes: `12,345`.
  package static func grouped(_ digits: String) -> String {
    let sign = digits.hasPrefix("-") ? "-" : ""
    let digits = digits.dropFirst(sign.count)
    return sign
      + digits.enumerated().map { place, digit in
        place > 0 && (digits.count - place) % 3 == 0 ? ",\(digit)" : "\(digit)"
      }.joined()
  }

  /// The minimum of 1, 2 and 5 times a power of ten that is not below a width.
  private static func round(above width: Double) -> Double {
    guard width > 0 else { return 1 }
    let power = pow(10, log10(width).rounded(.down))
    return ([1, 2, 5].first { $0 * power >= width * 0.999 } ?? 10) * power
  }
}
