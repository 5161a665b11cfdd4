#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Where the bytes of a log come from: a file, a decompressor over one, or a generator.
package protocol ByteSource {
  /// The name that errors show.
  var path: String { get }
  /// The format of the log, where the source is sure of it.
  var format: LogFormat? { get }
  /// How the bytes were compressed; nil where they were not.
  var compression: String? { get }
  /// Fills the start of `buffer`, which is not empty, and says how many bytes it wrote; zero at
  /// the end.
  mutating func fill(_ buffer: UnsafeMutableRawBufferPointer) throws(DataError) -> Int
}

extension ByteSource {
  // Most sources give any text.
  package var format: LogFormat? { nil }
  package var compression: String? { nil }
}

/// The system's words for the last failed call.
func systemErrorText() -> String {
  String(cString: strerror(errno))
}
