import ClseqBase
import ClseqData
import ClseqTestSupport
import GRDB
import Testing

@Suite struct SQLiteTests {
  private static let events = """
    CREATE TABLE events (user_id TEXT, item_id INTEGER, event_type TEXT, timestamp INTEGER);
    INSERT INTO events VALUES ('ann', 7, 'view', 10), ('bob', 8, 'buy', 20), ('ann', 9, NULL, 30);
    """
  private static let eventRows = [
    LogRow("ann", "7", 10_000_000, "view"), LogRow("bob", "8", 20_000_000, "buy"),
    LogRow("ann", "9", 30_000_000),
  ]

  @Test func onlyTable() throws {
    let database = try TemporaryDatabase(Self.events)
    #expect(try LogRow.read(database.path) == Self.eventRows)
    #expect(try InteractionStream(path: database.path).format == .sqlite)
  }

  @Test(arguments: [
    SQLiteSelection.table("events"), .table("EVENTS"),
    .query("SELECT * FROM events"), .query("SELECT * FROM events ORDER BY timestamp; -- all"),
    .query("SELECT user_id AS uid, item_id AS iid, event_type AS action, timestamp FROM events"),
  ])
  func selected(_ selection: SQLiteSelection) throws {
    let database = try TemporaryDatabase(
      Self.events + "CREATE TABLE users (user_id TEXT, age INTEGER);")
    #expect(
      try LogRow.read(database.path, ReadingOptions(selection: selection)) == Self.eventRows)
  }

  @Test func view() throws {
    let database = try TemporaryDatabase(
      Self.events + "CREATE VIEW \"my \"\"events\" AS SELECT * FROM events WHERE item_id > 7;")
    let options = ReadingOptions(selection: .table("my \"events"))
    #expect(try LogRow.read(database.path, options) == Array(Self.eventRows[1...]))
  }

  @Test func queryInItsOrder() throws {
    let database = try TemporaryDatabase(Self.events)
    let query = "SELECT user_id, item_id FROM events WHERE item_id <> 8 ORDER BY timestamp DESC"
    #expect(
      try LogRow.read(database.path, ReadingOptions(selection: .query(query))) == [
        LogRow("ann", "9"), LogRow("ann", "7"),
      ])
  }

  /// By row id, whatever the order of writing and whatever indexes there are.
  @Test func tableInTheOrderOfItsRows() throws {
    let database = try TemporaryDatabase(
      """
      CREATE TABLE events (id INTEGER PRIMARY KEY, user TEXT, item TEXT);
      CREATE INDEX by_user ON events (user, item);
      INSERT INTO events VALUES (3, 'u2', 'a'), (1, 'u2', 'b'), (2, 'u1', 'c');
      ANALYZE;
      """)
    #expect(
      try LogRow.read(database.path) == [
        LogRow("u2", "b"), LogRow("u1", "c"), LogRow("u2", "a"),
      ])
  }

  /// Every kind of value, as the text that an export as CSV would have.
  @Test func hashIsThatOfTheCSV() throws {
    let database = try TemporaryDatabase(
      """
      CREATE TABLE "my log" ("User, ID", item_id, rating REAL, timestamp);
      INSERT INTO "my log" VALUES
        ('a"b', -9223372036854775808, 4.5, 1700000000.123456),
        (9223372036854775807, 'x,y', NULL, 0),
        ('two' || char(9) || 'lines', 'cr' || char(13), 1e300, '12'),
        ('緑茶', 0, -0.1, 1.0);
      """)
    let text = """
      "User, ID",item_id,rating,timestamp
      "a""b",-9223372036854775808,4.5,1700000000.123456
      9223372036854775807,"x,y",,0
      two\tlines,"cr\r",1e+300,12
      緑茶,0,-0.1,1.0

      """
    var options = ReadingOptions()
    options.columns[.user] = "User, ID"
    var stream = try InteractionStream(path: database.path, options: options)
    while try stream.next() != nil {}
    var hash = ContentHash()
    Array(text.utf8).withUnsafeBytes { hash.update($0) }
    #expect(stream.hash.text == hash.text)
    let csv = try TemporaryFile("log.csv", text)
    #expect(try LogRow.read(database.path, options) == LogRow.read(csv.path, options))
  }

  @Test func databaseOfUTF16() throws {
    let database = try TemporaryDatabase("PRAGMA encoding = 'UTF-16le';" + Self.events)
    #expect(try LogRow.read(database.path) == Self.eventRows)
  }

  /// Rows that another program has written and not yet moved into the database itself.
  @Test func writeAheadLog() throws {
    let database = try TemporaryDatabase(
      "PRAGMA journal_mode = WAL; CREATE TABLE log (user, item);")
    let writer = try DatabaseQueue(path: database.path)
    try writer.write { try $0.execute(sql: "INSERT INTO log VALUES ('ann', 'tea')") }
    try writer.inDatabase { writer in
      try writer.execute(sql: "BEGIN; INSERT INTO log VALUES ('bob', 'jam')")
      #expect(try LogRow.read(database.path) == [LogRow("ann", "tea")])
      try writer.execute(sql: "COMMIT")
    }
    #expect(try LogRow.read(database.path) == [LogRow("ann", "tea"), LogRow("bob", "jam")])
  }

  /// Rows across the borders of every buffer, and some wider than any.
  @Test func manyAndWideRows() throws {
    let count = 60_000
    let database = try TemporaryDatabase { database in
      try database.execute(sql: "CREATE TABLE log (user TEXT, item TEXT, note TEXT)")
      try database.inTransaction {
        let insert = try database.makeStatement(sql: "INSERT INTO log VALUES (?, ?, ?)")
        for row in 0..<count {
          let note = row % 10_000 == 9_999 ? String(repeating: "\"", count: 400_000) : "n"
          try insert.execute(arguments: ["user\(row % 97)", "item\(row % 1_013)", note])
        }
        return .commit
      }
    }
    let rows = try LogRow.read(database.path)
    #expect(rows.count == count)
    #expect(
      rows.enumerated().allSatisfy { $1 == LogRow("user\($0 % 97)", "item\($0 % 1_013)") })
  }

  /// The names of the columns are line 1, and rows follow.
  @Test func malformedRowsArePassedOver() throws {
    let database = try TemporaryDatabase(
      Self.events + "UPDATE events SET timestamp = 'noon' WHERE item_id = 8;")
    var stream = try InteractionStream(
      path: database.path, options: ReadingOptions(tolerated: .count(1)))
    while try stream.next() != nil {}
    #expect(
      stream.faults.map(\.description) == [
        "\(database.path):3:11: expected a time that is a number, found \"noon\""
      ])
    #expect(throws: stream.faults[0]) { try LogRow.read(database.path) }
  }

  @Test func shards() throws {
    let folder = try TemporaryFolder()
    for (name, user) in [("a.db", "ann"), ("b.db", "bob")] {
      try DatabaseQueue(path: folder.file(name)).inDatabase {
        try $0.execute(
          sql: "CREATE TABLE log (user, item); INSERT INTO log VALUES (?, 1)", arguments: [user])
      }
    }
    #expect(try LogRow.read(folder.path) == [LogRow("ann", "1"), LogRow("bob", "1")])
    _ = try folder.write(Array("user,item\neve,1\n".utf8), to: "c.csv")
    #expect(
      throws: DataError.unsupported(
        path: folder.file("c.csv"),
        reason: "no SQLite database, which a table, a query or the format sqlite asks for")
    ) { try LogRow.read(folder.path) }
    _ = try folder.write(Array("user,item\neve,1\n".utf8), to: "A.csv")
    #expect(
      throws: DataError.unsupported(
        path: folder.file("a.db"), reason: "a SQLite database, and CSV is expected")
    ) { try LogRow.read(folder.path) }
  }

  /// A prepared log is the same, whichever road it came by.
  @Test func preparesAsCSVDoes() throws {
    let rows = (0..<200).map { ("u\($0 % 9)", "i\($0 * $0 % 31)", 1_000 - $0) }
    let csv = try TemporaryFile(
      "log.csv", "user,item,time\n" + rows.map { "\($0),\($1),\($2)\n" }.joined())
    let database = try TemporaryDatabase { database in
      try database.execute(sql: "CREATE TABLE log (user TEXT, item TEXT, time INTEGER)")
      for row in rows {
        try database.execute(
          sql: "INSERT INTO log VALUES (?, ?, ?)", arguments: [row.0, row.1, row.2])
      }
    }
    let (left, right) = (
      try SequenceDataset.load(path: database.path), try SequenceDataset.load(path: csv.path)
    )
    #expect(left.source.hash == right.source.hash && left.source.format == .sqlite)
    #expect(left.items == right.items && left.offsets == right.offsets)
    #expect(left.vocabulary == right.vocabulary)
  }
}
