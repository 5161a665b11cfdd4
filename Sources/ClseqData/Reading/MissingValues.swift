/// What becomes of an event that lacks a value of a column that is read.
public enum MissingValues: String, Sendable, Codable, CaseIterable {
  /// Reading stops and names the place.
  case error
  /// The event is dropped, and counted.
  case drop
  /// A missing feature is taken for the mean of those that are there. An event without user, item or
  /// time is still an error.
  case fill
}

/// How programs write that there is no value.
enum MissingToken {
  /// Whether an id says that there is none: it is empty, `NULL`, `null`, `NaN`, `nan`, `None`, `N/A`, `n/a`,
  /// `\N` or `<NA>`.
  @inline(__always)
  static func isMissing(_ bytes: UnsafeRawBufferPointer) -> Bool {
    if bytes.count > 4 { return false }
    return bytes.isEmpty || isNull(bytes)
  }

  private static func isNull(_ bytes: UnsafeRawBufferPointer) -> Bool {
    switch bytes[0] {
    case UInt8(ascii: "N"), UInt8(ascii: "n"), UInt8(ascii: "\\"), UInt8(ascii: "<"):
      ids.contains(String(decoding: bytes, as: UTF8.self))
    default: false
    }
  }

  private static let ids: Set<String> = [
    "NULL", "Null", "null", "NaN", "nan", "NAN", "None", "N/A", "n/a", "\\N", "<NA>",
  ]

  /// Whether a number is missing: as an id, or it is `NA`, or `none` in any case.
  static func isMissingNumber(_ bytes: UnsafeRawBufferPointer) -> Bool {
    if isMissing(bytes) { return true }
    guard bytes.count <= 4 else { return false }
    return ["na", "n/a", "nan", "null", "none", "\\n"].contains(
      String(decoding: bytes, as: UTF8.self).lowercased())
  }
}
