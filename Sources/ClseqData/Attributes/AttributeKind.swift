/// The kind of an attribute's values. The raw values are RecBole's types.
public enum AttributeKind: String, CaseIterable, Sendable, Codable {
  /// One of several values, such as a gender.
  case token
  /// Any number of such values, such as genres.
  case tokenSequence = "token_seq"
  /// A number, such as an age.
  case float
  /// The same number of numbers in every row, such as a vector.
  case floatSequence = "float_seq"
}

/// The subjects of a table of attributes.
public enum AttributeOwner: String, Sendable {
  /// The users of a dataset: row u is user u.
  case user
  /// The items of its vocabulary: row v - 1 is item v.
  case item

  /// The role of the column that names them.
  var role: ColumnRole {
    switch self {
    case .user: .user
    case .item: .item
    }
  }
}
