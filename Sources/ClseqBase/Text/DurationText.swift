/// Durations as text: a number with a unit, in settings and for people.
package enum DurationText {
  /// In ascending order.
  private static let units: [(suffix: String, noun: String, seconds: Double)] = [
    ("s", "second", 1), ("m", "minute", 60), ("h", "hour", 3600), ("d", "day", 86_400),
  ]
  /// Units that are read but never written.
  private static let longUnits: [(suffix: String, seconds: Double)] = [
    ("w", 7 * 86_400), ("mo", 30 * 86_400),
  ]

  /// The accepted form of a text, for messages.
  package static let expected =
    "a number with one of the units s, m, h, d, w and mo (30 days), such as 90d, or 0"

  /// The seconds of a text; nil for a number without a unit, other than 0, and for anything else.
  package static func seconds(_ text: String) -> Double? {
    if Double(text) == 0 { return 0 }
    let unit = (longUnits + units.map { ($0.suffix, $0.seconds) })
      .first { text.hasSuffix($0.suffix) }
    guard let unit, let number = Double(text.dropLast(unit.suffix.count)),
      case let seconds = number * unit.seconds, (0..<0x1p62).contains(seconds)
    else { return nil }
    return seconds
  }

  /// The text that ``seconds(_:)`` takes back, in the longest unit of which it is a whole number.
  package static func text(_ seconds: Double) -> String {
    guard seconds != 0 else { return "0" }
    let (number, unit) = parts(seconds)
    return "\(number)\(unit.suffix)"
  }

  /// For people: `90 days`, `1 hour`, `2.5 seconds`.
  package static func words(_ seconds: Double) -> String {
    let (number, unit) = parts(seconds)
    return "\(number) \(unit.noun)\(number == "1" ? "" : "s")"
  }

  private static func parts(
    _ seconds: Double
  ) -> (number: String, unit: (suffix: String, noun: String, seconds: Double)) {
    let unit = units.last { Int(exactly: seconds / $0.seconds) != nil } ?? units[0]
    let number = seconds / unit.seconds
    return (Int(exactly: number).map(String.init) ?? "\(number)", unit)
  }
}
