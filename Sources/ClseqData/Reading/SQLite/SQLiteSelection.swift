/// The rows of a SQLite database that are the events of a log.
public enum SQLiteSelection: Sendable, Equatable {
  /// All rows of a table or a view; those of a table in the order of its row ids, or of its primary
  /// key without row ids.
  case table(String)
  /// The rows of a `SELECT`, in its order.
  case query(String)
}
