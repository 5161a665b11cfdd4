import ClseqTestSupport
import GRDB

/// A SQLite database in a folder of its own, which goes with the value.
struct TemporaryDatabase {
  let path: String
  private let folder: TemporaryFolder

  /// A database that these statements have made.
  init(_ statements: String, name: String = "shop.db") throws {
    try self.init(name: name) { try $0.execute(sql: statements) }
  }

  init(name: String = "shop.db", _ make: (Database) throws -> Void) throws {
    folder = try TemporaryFolder()
    path = folder.file(name)
    try DatabaseQueue(path: path).inDatabase(make)
  }

  /// The names of all files in the folder.
  func siblings() throws -> [String] { try folder.names() }
}
