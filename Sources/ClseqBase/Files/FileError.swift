import Foundation

/// A file or folder that the operating system did not allow to be read, created or written.
public struct FileError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The attempted operation; it decides the exit status of the command line.
  public enum Attempt: String, Sendable {
    /// Reading an existing file.
    case read
    /// Making a new file or folder.
    case create
    /// Writing into a created file.
    case write
  }

  /// The file or folder.
  public let path: String
  /// The attempted operation.
  public let attempt: Attempt
  /// The operating system's message.
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

  /// The attempted operation, the path and the reason.
  public var description: String { "cannot \(attempt.rawValue) \(path): \(reason)" }

  /// The message of an error that Foundation threw: the system's own if there is one.
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
