#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

@testable import ClseqBase
@testable import ClseqData

/// A time: a pattern and a text, with a line feed between them.
///
/// Every format gives a time in the years 1 to 9999, and what the C library says of its day and
/// its time of day is what the text says.
struct TimeTarget: FuzzTarget {
  private static let formats: [TimeFormat] =
    [.automatic, .iso8601, .yyyymmdd] + TimeFormat.EpochUnit.allCases.map { .epoch($0) }

  func run(_ input: [UInt8]) {
    let parts = input.split(
      separator: UInt8(ascii: "\n"), maxSplits: 1, omittingEmptySubsequences: false)
    let text = Array(parts[parts.count - 1])
    for format in Self.formats { check(text, format) }
    guard parts.count == 2,
      let pattern = try? TimePattern(String(decoding: parts[0], as: UTF8.self))
    else { return }
    check(text, .pattern(pattern))
  }

  private func check(_ text: [UInt8], _ format: TimeFormat) {
    guard let time = time(text, format) else { return }
    require(CivilTime.range.contains(time), "\(time) lies outside the years 1 to 9999")
    switch format {
    case .iso8601 where isUTC(text): require(text.starts(with: day(time)), "another day")
    case .yyyymmdd: require(text.starts(with: day(time).filter { $0 != 45 }), "another day")
    case .iso8601, .automatic, .epoch, .pattern: break
    }
  }

  private func time(_ text: [UInt8], _ format: TimeFormat) -> Int64? {
    text.withUnsafeBytes { bytes in
      let reader = TimeReader(format, name: "a time")
      let first = try? reader.microseconds(Field(offset: 0, bytes: bytes))
      let second = try? reader.microseconds(Field(offset: 0, bytes: bytes))
      require(first == second, "read again it is another time")
      return first
    }
  }

  /// Whether a time of ISO 8601 has no other zone.
  private func isUTC(_ text: [UInt8]) -> Bool {
    !text.dropFirst(10).contains { $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "-") }
  }

  /// `yyyy-mm-dd` by the C library.
  private func day(_ time: Int64) -> [UInt8] {
    var seconds = time_t((time - (time < 0 ? 999_999 : 0)) / CivilTime.microsecondsPerSecond)
    var parts = tm()
    gmtime_r(&seconds, &parts)
    let numbers = [(parts.tm_year + 1900, 4), (parts.tm_mon + 1, 2), (parts.tm_mday, 2)]
    return Array(
      numbers.map { number, digits in
        let text = String(number)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
      }.joined(separator: "-").utf8)
  }
}
