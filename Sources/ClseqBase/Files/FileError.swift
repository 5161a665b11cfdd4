import Foundation

/// A file or folder that the operating system would not let us read, create or write.
public struct FileError: Error, Equatable, Sendable, CustomStringConvertible {
  /// What was attempted; it decides the status with which the command line ends.
  public enum Attempt: String, Sendable {
    /// Reading what is there.
    case read
    /// Making a new file or folder.
    case create
    /// Writing into what was made.
    case write
  }

  /// The file or folder.
  public let path: String
  /// What was attempted.
  public let attempt: Attempt
  /// The operating system's words.
  public let reason: String

  /// An error whose reason is the present `errno`.
  package init(_ attempt: Attempt, _ path: String) {
    self.init(attempt, path, reason: String(cString: strerror(errno)))
  }

  package init(_ attempt: Attempt, _ path: String, reason: String) {
    self.path = path
    self.attempt = attempt
    self.reason = reason
  }

  /// What was attempted, where, and the reason.
  public var description: String { "cannot \(attempt.rawValue) \(path): \(reason)" }

  /// The words for an error that Foundation threw: the system's own where there are any.
  package static func reason(of error: any Error) -> String {
    let error = error as NSError
    let underlying = error.userInfo[NSUnderlyingErrorKey] as? NSError ?? error
    if underlying.domain == NSPOSIXErrorDomain {
      return String(cString: strerror(Int32(underlying.code)))
    }
    switch CocoaError.Code(rawValue: error.code) {
    case .fileReadNoSuchFile, .fileNoSuchFile: return "no such file"
    case .fileReadInapplicableStringEncoding, .fileReadUnknownStringEncoding:
      return "not valid UTF-8"
    default: return error.localizedDescription
    }
  }
}
