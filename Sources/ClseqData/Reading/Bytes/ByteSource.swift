#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A source of a log's bytes: a file, a decompressor of one, or a generator.
package protocol ByteSource {
  /// The name in errors.
  var path: String { get }
  /// The format of the log, if the source determines it.
  var format: LogFormat? { get }
  /// The compression; nil for none.
  var compression: String? { get }
  /// Fills the start of `buffer`, which is not empty, and returns the number of bytes; zero at
  /// the end.
  mutating func fill(_ buffer: UnsafeMutableRawBufferPointer) throws(DataError) -> Int
}

extension ByteSource {
  // Most sources contain any text.
  package var format: LogFormat? { nil }
  package var compression: String? { nil }
}

/// The system's message for the last failed call.
func systemErrorText() -> String {
  String(cString: strerror(errno))
}
