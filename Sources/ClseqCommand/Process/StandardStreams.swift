import Clseq
import ClseqTraining
import Foundation

/// Standard input, output and error as the process was given them.
enum StandardStreams {
  /// Opens descriptors 0 to 2 on `/dev/null` where they are closed, so that no file that is opened
  /// later gets one of these numbers and the text that is meant for standard error.
  ///
  /// Call it before anything else is opened. Standard input can then only be written and standard
  /// output only be read: using them stays the error that it is on a closed descriptor.
  static func open() {
    for (descriptor, mode) in [
      (STDIN_FILENO, O_WRONLY), (STDOUT_FILENO, O_RDONLY), (STDERR_FILENO, O_WRONLY),
    ] where fcntl(descriptor, F_GETFD) == -1 {
      // The lowest free number is this one.
      _ = Foundation.open("/dev/null", mode)
    }
    // A reader of progress that goes away (`2>&1 | head`) does not end a training.
    signal(SIGPIPE, SIG_IGN)
  }

  /// Writes to standard output.
  ///
  /// Where nobody reads any more the process ends by SIGPIPE, quietly, as is the custom of filters.
  ///
  /// - Throws: `FileError` where it is closed or full.
  static func write(_ bytes: [UInt8]) throws(FileError) {
    let (_, error) = AppendingFile.put(bytes, to: STDOUT_FILENO)
    guard error != 0 else { return }
    if error == EPIPE {
      KernelCache.close()
      signal(SIGPIPE, SIG_DFL)
      raise(SIGPIPE)
    }
    throw FileError(.write, "standard output", reason: String(cString: strerror(error)))
  }
}
