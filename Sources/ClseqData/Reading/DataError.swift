package import ClseqBase

/// What can be wrong with the data that a user hands over.
///
/// Every case names the file; a malformed line names the place in it and what was expected there.
public enum DataError: Error, Equatable, Sendable {
  /// There is no file at this path.
  case missingFile(path: String)
  /// The file is there but cannot be opened for reading: a folder, or no permission.
  case unreadable(path: String, reason: String)
  /// Reading stopped in the middle of the file.
  case readFailed(path: String, reason: String)
  /// A folder holds no shard, or no file matches a pattern.
  case noFiles(path: String)
  /// A compressed stream is damaged or cut, or gives more than it may.
  case corrupt(path: String, reason: String)
  /// The file is in a format that is not read.
  case unsupported(path: String, reason: String)
  /// No format fits the first lines clearly.
  case unrecognized(path: String, line: String, reason: String)
  /// The log, or a table, holds no event, or no row.
  case empty(path: String)
  /// A line is not what its format asks for. `line` and `column` (in bytes) count from 1.
  case malformed(path: String, line: Int, column: Int, expected: String, found: String)
  /// Every user has fewer events than the split needs.
  case noUsersLeft(path: String, leftOut: Int, minimum: Int)
  /// The log does not hold something that was asked for, such as times.
  case lacks(path: String, what: String, purpose: String)
  /// What the log holds is not what a task needs, such as labels of one value alone.
  case unfit(path: String, what: String, expected: String)
  /// A part of a split has nothing in it.
  case emptyPart(path: String, part: String, split: SplitKind)
  /// An item is not one of those that were expected, such as a token of another log.
  case unknownToken(path: String, token: String, expected: String)
  /// The best possible ranking of a generated log is not known.
  case noBestRanking(path: String)
  /// The rows that were asked of a database cannot be had: there is no such table, or several where
  /// none is named, the query is none that reads, or a value is a blob.
  case invalidSelection(path: String, reason: String)
  /// A file of a prepared dataset, or a database, is not what was written.
  case damaged(path: String, reason: String)
  /// A file cannot be created or written.
  case cannotWrite(path: String, reason: String)
}

extension DataError {
  /// What went wrong while a file was written.
  package init(_ error: FileError) {
    self = .cannotWrite(path: error.path, reason: error.reason)
  }

  /// Writes, and says what went wrong as an error of data.
  ///
  /// - Throws: `cannotWrite`.
  package static func writing<Result>(
    _ body: () throws(FileError) -> Result
  ) throws(DataError) -> Result {
    do { return try body() } catch { throw DataError(error) }
  }
}

extension DataError: CustomStringConvertible {
  /// One line for people: the place first, then what is wrong.
  public var description: String {
    switch self {
    case .missingFile(""):
      "the path is empty: is the variable set that holds it?"
    case .missingFile(let path):
      "\(path): no such file"
    case .unreadable(let path, let reason):
      "\(path): cannot be opened: \(reason)"
    case .readFailed(let path, let reason):
      "\(path): reading failed: \(reason)"
    case .noFiles(let path):
      "\(path): no file to read (names that begin with _ or . are passed over)"
    case .corrupt(let path, let reason):
      "\(path): cannot be decompressed: \(reason)"
    case .unsupported(let path, let reason):
      "\(path): cannot be read: it is \(reason)"
    case .unrecognized(let path, let line, let reason):
      "\(path): no format fits its first line, \"\(line)\", clearly: \(reason); tried RecBole, JSON "
        + "Lines, fields separated by ::, CSV and TSV under a header, and text of users and items"
    case .empty(let path):
      "\(path): the file holds no events"
    case .malformed(let path, let line, let column, let expected, let found):
      "\(path):\(line):\(column): expected \(expected), found \(found)"
    case .noUsersLeft(let path, let leftOut, let minimum):
      "\(path): no user is left: all \(leftOut) users have fewer than \(minimum) events"
    case .lacks(let path, let what, let purpose):
      "\(path): the log has no \(what), which \(purpose) needs; name their column, if it has another name"
    case .unfit(let path, let what, let expected):
      "\(path): \(what): expected \(expected)"
    case .emptyPart(let path, let part, let split):
      "\(path): the split \(split.rawValue) leaves nothing for the \(part) part; \(split.remedy)"
    case .unknownToken(let path, let token, let expected):
      "\(path): expected \(expected), found \"\(token)\""
    case .noBestRanking(let path):
      "\(path): the best possible ranking is not known with seasons or anomalies"
    case .invalidSelection(let path, let reason):
      "\(path): \(reason)"
    case .damaged(let path, let reason):
      "\(path): damaged: \(reason)"
    case .cannotWrite(let path, let reason):
      "\(path): cannot be written: \(reason)"
    }
  }
}
