import GRDB
import GRDBSQLite

/// The rows of a SQLite database as CSV: a header of the columns' names, then one record per row.
///
/// NULL is an empty field, a number its shortest decimal text. Rows are read on demand by one
/// statement, so they are a consistent snapshot even if others write meanwhile; the connection cannot
/// write.
final class SQLiteByteSource: ByteSource {
  /// The first bytes of every database.
  static let magic = Array("SQLite format 3\0".utf8)
  /// The approximate number of bytes rendered at a time.
  private static let pieceByteCount = 1 << 16
  /// The maximum wait for a program that is writing.
  private static let patienceSeconds = 1.0

  let path: String
  private let connection: DatabaseQueue
  private let statement: Statement
  /// Used and released only on the connection's queue.
  private var rows: RowCursor?
  private var rowCount = 0
  private var text = CSVText()

  /// - Parameters:
  ///   - path: The database.
  ///   - selection: The rows; nil for those of its only table.
  /// - Throws: `DataError.invalidSelection`, `.damaged`, `.readFailed` or `.unreadable`.
  init(path: String, selection: SQLiteSelection?) throws(DataError) {
    self.path = path
    do {
      var configuration = Configuration()
      configuration.readonly = true
      configuration.busyMode = .timeout(Self.patienceSeconds)
      // Neither a URI nor one of SQLite's special names.
      connection = try DatabaseQueue(
        path: path.hasPrefix("/") ? path : "./" + path, configuration: configuration)
      (statement, rows) = try connection.unsafeRead { database in
        let statement = try Self.statement(for: selection, in: database, path: path)
        return (statement, try Row.fetchCursor(statement))
      }
    } catch { throw Self.dataError(error, path: path) }
    for name in statement.columnNames { text.append(name) }
    text.endRecord()
  }

  deinit {
    connection.unsafeRead { _ in rows = nil }
  }

  var format: LogFormat? { .sqlite }

  func fill(_ buffer: UnsafeMutableRawBufferPointer) throws(DataError) -> Int {
    if text.count < buffer.count && rows != nil {
      do {
        try connection.unsafeRead { _ in try renderRows(into: &text) }
      } catch { throw Self.dataError(error, path: path) }
    }
    return text.take(into: buffer)
  }

  private func renderRows(into text: inout CSVText) throws {
    let columnCount = Int32(statement.columnCount)
    while text.count < Self.pieceByteCount {
      guard try rows?.next() != nil else {
        rows = nil
        return
      }
      rowCount += 1
      for column in 0..<columnCount { try renderField(column, into: &text) }
      text.endRecord()
    }
  }

  private func renderField(_ column: Int32, into text: inout CSVText) throws(DataError) {
    let row = statement.sqliteStatement
    switch sqlite3_column_type(row, column) {
    case SQLITE_NULL: text.appendEmptyField()
    case SQLITE_INTEGER: text.append(sqlite3_column_int64(row, column))
    case SQLITE_FLOAT: text.append(sqlite3_column_double(row, column).description)
    case SQLITE_TEXT:
      // Reading the text first makes the byte count that of UTF-8.
      let start = sqlite3_column_text(row, column)
      let count = Int(sqlite3_column_bytes(row, column))
      text.append(UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : count))
    default:
      throw .invalidSelection(
        path: path,
        reason: "row \(rowCount) has a blob in the column \(statement.columnNames[Int(column)]), "
          + "where text or a number is expected; name the other columns in a query (--query)")
    }
  }
}

extension SQLiteByteSource {
  private static func statement(
    for selection: SQLiteSelection?, in database: Database, path: String
  ) throws -> Statement {
    switch selection {
    case .query(let query):
      let statement = try database.makeStatement(sql: query)
      guard statement.isReadonly, statement.columnCount > 0 else {
        throw DataError.invalidSelection(
          path: path, reason: "the query gives no rows to read; a SELECT is expected")
      }
      return statement
    case .table(let name):
      let tables = try tableNames(in: database)
      guard tables.contains(where: { $0.lowercased() == name.lowercased() }) else {
        throw DataError.invalidSelection(
          path: path, reason: "there is no table \"\(name)\"; found \(listed(tables))")
      }
      return try statement(forTable: name, in: database)
    case nil:
      let tables = try tableNames(in: database)
      guard tables.count == 1 else {
        throw DataError.invalidSelection(
          path: path,
          reason: "one table is expected, found \(listed(tables)); "
            + "choose by a name (--table) or a query (--query)")
      }
      return try statement(forTable: tables[0], in: database)
    }
  }

  /// `NOT INDEXED` keeps SQLite from reading a covering index instead, in its order.
  private static func statement(
    forTable name: String, in database: Database
  ) throws -> Statement {
    let quoted = name.replacing("\"", with: "\"\"")
    return try database.makeStatement(sql: "SELECT * FROM \"\(quoted)\" NOT INDEXED")
  }

  /// The tables and views that are not SQLite's own, by name.
  private static func tableNames(in database: Database) throws -> [String] {
    try String.fetchAll(
      database,
      sql: """
        SELECT name FROM sqlite_master
        WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name
        """)
  }

  private static func listed(_ tables: [String]) -> String {
    tables.isEmpty ? "none" : "the tables " + tables.joined(separator: ", ")
  }

  private static func dataError(_ error: any Error, path: String) -> DataError {
    if let error = error as? DataError { return error }
    guard let error = error as? DatabaseError else {
      return .readFailed(path: path, reason: "\(error)")
    }
    let words = error.message ?? "\(error.resultCode)"
    switch error.resultCode {
    case .SQLITE_BUSY, .SQLITE_LOCKED:
      return .readFailed(
        path: path, reason: "\(words): a program is writing to it; wait for its end, or read a copy"
      )
    case .SQLITE_CORRUPT, .SQLITE_NOTADB:
      return .damaged(
        path: path, reason: "\(words); `sqlite3 \(path) .recover` saves readable rows")
    case .SQLITE_CANTOPEN:
      return .unreadable(
        path: path,
        reason: "\(words); a database with a write-ahead log needs a folder that can be written")
    case .SQLITE_ERROR, .SQLITE_MISUSE, .SQLITE_AUTH, .SQLITE_READONLY:
      return .invalidSelection(path: path, reason: "SQLite rejects the query: \(words)")
    default:
      return .readFailed(path: path, reason: words)
    }
  }
}
