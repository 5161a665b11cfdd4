/// Which rows of a SQLite database are the events of a log.
public enum SQLiteSelection: Sendable, Equatable {
  /// All rows of a table or a view; those of a table in the order of its row ids, or of its primary
  /// key where it has none.
  case table(String)
  /// The rows of a `SELECT`, in its order.
  case query(String)
}
