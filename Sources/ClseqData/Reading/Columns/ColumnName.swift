/// Compares names of columns as people spell them: `User ID`, `userId` and `user_id` are one name.
enum ColumnName {
  /// Lower case, without blanks, `_`, `-` and `.`.
  static func normalized(_ name: String) -> String {
    name.lowercased().filter { !$0.isWhitespace && $0 != "_" && $0 != "-" && $0 != "." }
  }
}
