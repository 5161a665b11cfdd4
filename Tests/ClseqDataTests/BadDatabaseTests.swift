import ClseqData
import ClseqTestSupport
import Foundation
import GRDB
import Testing

/// Databases and questions that must be refused, with what to do about it.
@Suite struct BadDatabaseTests {
  private static let tables = """
    CREATE TABLE events (user TEXT, item TEXT, picture BLOB);
    CREATE TABLE users (user TEXT, age INTEGER);
    INSERT INTO events VALUES ('ann', 'tea', NULL), ('ann', 'jam', x'00FF');
    """

  private func message(
    _ path: String, _ selection: SQLiteSelection?, format: LogFormat? = nil
  ) throws -> String {
    let error = try #require(throws: DataError.self) {
      try LogRow.read(path, ReadingOptions(format: format, selection: selection))
    }
    #expect(error.description.hasPrefix(path + ": "))
    return String(error.description.dropFirst(path.count + 2))
  }

  @Test(
    arguments: [
      (
        nil,
        "one table is expected, found the tables events, users; choose by a name (--table) or a query "
          + "(--query)"
      ),
      (.table("event"), "there is no table \"event\"; found the tables events, users"),
      (
        .table("sqlite_master"),
        "there is no table \"sqlite_master\"; found the tables events, users"
      ),
      (
        .table("events"),
        "row 2 has a blob in the column picture, where text or a number is expected; name the other "
          + "columns in a query (--query)"
      ),
      (.query("DELETE FROM events"), "the query gives no rows to read; a SELECT is expected"),
      (
        .query("INSERT INTO users VALUES (1, 2) RETURNING user"),
        "the query gives no rows to read; a SELECT is expected"
      ),
      (.query("BEGIN EXCLUSIVE"), "the query gives no rows to read; a SELECT is expected"),
      (.query("SELECT usr FROM events"), "SQLite rejects the query: no such column: usr"),
      (
        .query("SELEC * FROM events"),
        "SQLite rejects the query: near \"SELEC\": syntax error"
      ),
      (.query(" "), "SQLite rejects the query: empty statement"),
      (
        .query("SELECT user, item FROM events WHERE user = ?"),
        "SQLite rejects the query: wrong number of statement arguments: 0"
      ),
      (
        .query("SELECT user, abs(-9223372036854775807 - 1) AS item FROM events"),
        "SQLite rejects the query: integer overflow"
      ),
    ] as [(SQLiteSelection?, String)])
  func refusedSelection(_ selection: SQLiteSelection?, _ expected: String) throws {
    let database = try TemporaryDatabase(Self.tables)
    let before = try Data(contentsOf: URL(filePath: database.path))
    #expect(try message(database.path, selection) == expected)
    // Nothing was written, beside it neither.
    #expect(try Data(contentsOf: URL(filePath: database.path)) == before)
    #expect(try database.siblings() == ["shop.db"])
  }

  @Test func severalStatements() throws {
    let database = try TemporaryDatabase(Self.tables)
    let found = try message(database.path, .query("SELECT 1; DROP TABLE users"))
    #expect(found.hasPrefix("SQLite rejects the query: Multiple statements found."))
  }

  @Test func columnsAreMissing() throws {
    let database = try TemporaryDatabase(Self.tables)
    let error = try #require(throws: DataError.self) {
      try LogRow.read(database.path, ReadingOptions(selection: .table("users")))
    }
    #expect(
      error
        == .malformed(
          path: database.path, line: 1, column: 1,
          expected: "a column for the item, such as item_id",
          found: "the columns user, age"))
  }

  @Test func noTable() throws {
    let database = try TemporaryDatabase("PRAGMA user_version = 1")
    #expect(
      try message(database.path, nil)
        == "one table is expected, found none; choose by a name (--table) or a query (--query)")
  }

  @Test func emptyTable() throws {
    let database = try TemporaryDatabase("CREATE TABLE log (user, item)")
    #expect(throws: DataError.empty(path: database.path)) { try LogRow.read(database.path) }
  }

  @Test(arguments: [SQLiteSelection.table("events"), .query("SELECT 1"), nil])
  func noDatabase(_ selection: SQLiteSelection?) throws {
    let file = try TemporaryFile("log.csv", "user,item\nann,tea\n")
    #expect(
      try message(file.path, selection, format: selection == nil ? .sqlite : nil)
        == "cannot be read: it is no SQLite database, which a table, a query or the format sqlite "
        + "asks for")
  }

  @Test func anotherFormat() throws {
    let database = try TemporaryDatabase("CREATE TABLE log (user, item)")
    #expect(
      try message(database.path, nil, format: .jsonLines)
        == "cannot be read: it is a SQLite database, and JSON Lines, an object per line is expected"
    )
  }

  private static func largeDatabase() throws -> Data {
    let database = try TemporaryDatabase(
      """
      CREATE TABLE log (user, item);
      WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 50000)
      INSERT INTO log SELECT 'user' || i, 'item' || i FROM n;
      """)
    return try Data(contentsOf: URL(filePath: database.path))
  }

  /// Only the magic; cut; and every page after the first few overwritten.
  @Test(arguments: 0..<4)
  func damaged(_ kind: Int) throws {
    var bytes = try Self.largeDatabase()
    switch kind {
    case 0: bytes = bytes[..<16]
    case 1: bytes = bytes[..<16] + Data(repeating: 1, count: 64)
    case 2: bytes = bytes[..<(bytes.count / 2)]
    default:
      let rest = Data(repeating: 0xA5, count: bytes.count - 40_000)
      bytes.replaceSubrange(40_000..., with: rest)
    }
    let file = try TemporaryFile("log.db", bytes: [UInt8](bytes))
    let found = try message(file.path, nil)
    #expect(found.hasPrefix("damaged: ") && found.contains("`sqlite3 \(file.path) .recover`"))
  }

  /// Bytes changed here and there: any error is right, and so is a log; a trap is not.
  @Test func noise() throws {
    let bytes = try [UInt8](Self.largeDatabase())[..<65_536]
    var state: UInt64 = 11
    func random(below limit: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % limit
    }
    for _ in 0..<100 {
      var changed = Array(bytes)
      for _ in 0..<20 { changed[100 + random(below: 65_000)] = UInt8(random(below: 256)) }
      let file = try TemporaryFile("log.db", bytes: changed)
      _ = try? LogRow.read(file.path, ReadingOptions(tolerated: .count(1_000)))
    }
  }

  @Test func locked() throws {
    let database = try TemporaryDatabase(Self.tables)
    try DatabaseQueue(path: database.path).inDatabase { writer in
      try writer.execute(sql: "BEGIN EXCLUSIVE")
      #expect(
        try message(database.path, .table("users"))
          == "reading failed: database is locked: a program is writing to it; wait for its end, or "
          + "read a copy")
      try writer.execute(sql: "ROLLBACK")
    }
  }
}
