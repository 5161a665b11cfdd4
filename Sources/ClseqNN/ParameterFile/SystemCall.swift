import Foundation

/// System calls that are repeated when a signal interrupts them.
enum SystemCall {
  /// The operating system's words for an `errno` value.
  static func message(_ code: Int32) -> String { String(cString: strerror(code)) }

  /// Calls `body` until it succeeds, or fails for another reason than a signal.
  static func retrying<Result: SignedInteger>(_ body: () -> Result) -> Result {
    while true {
      let result = body()
      if result != -1 || errno != EINTR { return result }
    }
  }

  /// Fills `buffer` from `offset` of the file. False if the file ends before; nil for an error, in
  /// `errno`.
  static func readFully(
    _ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer, at offset: Int
  ) -> Bool? {
    var done = 0
    while done < buffer.count {
      let tail = UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
      let count = retrying { pread(descriptor, tail.baseAddress, tail.count, off_t(offset + done)) }
      if count < 0 { return nil }
      if count == 0 { return false }
      done += count
    }
    return true
  }
}
