import ClseqBase

/// A closed range of times; either end may be open.
///
/// ```swift
/// let autumn = try TimeRange("2017-09-01..2017-11-30")
/// ```
public struct TimeRange: Sendable, Equatable {
  /// A text that is not a range.
  public struct Malformed: Error, Equatable, Sendable, CustomStringConvertible {
    /// The fault, as a message.
    public let description: String
  }

  private static let microsecondsPerDay: Int64 = 86_400_000_000

  /// The earliest time, in microseconds since 1970.
  public let first: Int64
  /// The latest.
  public let last: Int64
  /// The range as it was given.
  public let text: String

  /// The range of `FROM..TO`: days (`2017-11-25`) or times (`2017-11-25T12:00:00Z`) of ISO 8601, the
  /// whole last day. Either may be omitted.
  ///
  /// - Throws: `Malformed`.
  public init(_ text: String) throws(Malformed) {
    let parts = text.split(separator: "..", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2, parts != ["", ""] else {
      throw Malformed(
        description:
          "'\(text)' is not a range FROM..TO, such as 2017-11-25..2017-12-03 or 2017-11-25..")
    }
    func time(_ part: String) throws(Malformed) -> Int64 {
      let parsed = Array(part.utf8).withUnsafeBytes { ISO8601.parse($0) }
      guard let parsed else {
        throw Malformed(
          description:
            "'\(part)' is not a day or a time, such as 2017-11-25 or 2017-11-25T12:00:00Z"
        )
      }
      return parsed
    }
    first = parts[0].isEmpty ? .min : try time(parts[0])
    if parts[1].isEmpty {
      last = .max
    } else {
      let end = try time(parts[1])
      last = parts[1].utf8.count == 10 ? end + Self.microsecondsPerDay - 1 : end
    }
    self.text = text
    guard first <= last else {
      throw Malformed(description: "'\(text)' ends before it begins")
    }
  }

  /// Whether a time, in microseconds since 1970, is in the range.
  @inline(__always)
  public func contains(_ time: Int64) -> Bool { first <= time && time <= last }
}
