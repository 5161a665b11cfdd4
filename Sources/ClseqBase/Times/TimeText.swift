/// Times as text, for people and files.
public enum TimeText {
  /// A time in microseconds since 1970 after ISO 8601, in UTC, with a fraction where there is one.
  public static func iso8601(_ microseconds: Int64) -> String {
    let time = CivilTime(microsecondsSince1970: microseconds)
    func padded(_ number: Int, _ digits: Int) -> String {
      let text = String(number)
      return String(repeating: "0", count: max(0, digits - text.count)) + text
    }
    let day = "\(padded(time.year, 4))-\(padded(time.month, 2))-\(padded(time.day, 2))"
    let clock = "\(padded(time.hour, 2)):\(padded(time.minute, 2)):\(padded(time.second, 2))"
    let fraction = time.microsecond == 0 ? "" : ".\(padded(time.microsecond, 6))"
    return "\(day)T\(clock)\(fraction)Z"
  }

  /// The time of a text after ISO 8601, in microseconds since 1970; nil for anything else.
  public static func microseconds(_ text: String) -> Int64? {
    var text = text
    return text.withUTF8 { ISO8601.parse(UnsafeRawBufferPointer($0)) }
  }
}
