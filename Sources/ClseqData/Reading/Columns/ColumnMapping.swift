/// Which column of a log is what. Columns that are not named are recognised by common English and
/// Chinese names (`user_id`, `商品ID`, `timestamp`, …), however they are cased and joined.
///
/// ```swift
/// var columns = ColumnMapping()
/// columns[.user] = "buyer"
/// columns.features = [FeatureColumn("price")]
/// ```
///
/// Where a file has no header the names of its columns are their numbers, from 1.
public struct ColumnMapping: Sendable, Equatable, Codable {
  /// The names of the columns by role. ``ColumnRole/features`` has none here.
  public var names: [ColumnRole: String]
  /// The columns of numbers, in the order in which they are given; nil to recognise them.
  public var features: [FeatureColumn]?
  /// The roles that are looked for by common names where none is given. A role that is neither
  /// named nor looked for is not read.
  public var recognized: Set<ColumnRole>
  /// The roles whose column, if one is named, may be missing.
  public var optional: Set<ColumnRole> = []

  /// - Parameters:
  ///   - names: The names of columns by role.
  ///   - features: The columns of numbers; nil to recognise them.
  ///   - recognized: The roles to look for where no name is given.
  public init(
    _ names: [ColumnRole: String] = [:], features: [FeatureColumn]? = nil,
    recognized: Set<ColumnRole> = Set(ColumnRole.allCases)
  ) {
    self.names = names
    self.features = features
    self.recognized = recognized
  }

  /// The name of the column of a role; nil to recognise it.
  public subscript(role: ColumnRole) -> String? {
    get { names[role] }
    set { names[role] = newValue }
  }
}
