import Foundation

/// Times as text, for people and files.
public enum TimeText {
  /// A time in microseconds since 1970 after ISO 8601, in UTC, with a fraction where there is one.
  public static func iso8601(_ microseconds: Int64) -> String {
    let (seconds, rest) = microseconds.quotientAndRemainder(dividingBy: 1_000_000)
    let whole = rest < 0 ? seconds - 1 : seconds
    let text = Date(timeIntervalSince1970: Double(whole)).formatted(.iso8601)
    guard rest != 0 else { return text }
    let fraction = String(rest < 0 ? rest + 1_000_000 : rest)
    return text.dropLast() + "." + String(repeating: "0", count: 6 - fraction.count) + fraction
      + "Z"
  }

  /// The time of a text after ISO 8601, in microseconds since 1970; nil for anything else.
  public static func microseconds(_ text: String) -> Int64? {
    var text = text
    return text.withUTF8 { ISO8601.parse(UnsafeRawBufferPointer($0)) }
  }
}
