import Clseq

/// The attributes of users and items, for people.
enum AttributeTables {
  /// A table each; nothing where there are none.
  static func text(of statistics: DatasetStatistics) -> String {
    text(of: statistics.userAttributes, "users")
      + text(of: statistics.itemAttributes, "items")
  }

  private static func text(
    of statistics: AttributeTableStatistics?, _ owners: String
  ) -> String {
    guard let statistics else { return "" }
    var table = TextTable(
      header: ["attribute of \(owners)", "kind", "distinct", "missing", "values"],
      alignment: [.left, .left, .right, .right, .left])
    for attribute in statistics.attributes {
      table.append([
        attribute.name, attribute.kind.rawValue, "\(attribute.distinctCount)",
        percent(attribute.missingShare), values(attribute),
      ])
    }
    let source = statistics.source
    return """

      \(table.text)\(source.name): \(source.rowCount) rows, \(source.leftOutRowCount) of them \
      for none of the \(owners); \(source.unknownCount) \(owners) without a row

      """
  }

  /// The most frequent value, or the range and the mean.
  private static func values(_ attribute: AttributeStatistics) -> String {
    if let mode = attribute.mode { return "\(mode.value) (\(percent(mode.share)))" }
    guard let summary = attribute.summary else { return "" }
    let numbers = [summary.least, summary.mean, summary.greatest].map {
      NumberText.fixed($0, digits: 2)
    }
    return "\(numbers[0]) to \(numbers[2]), mean \(numbers[1])"
  }

  private static func percent(_ share: Double) -> String {
    NumberText.fixed(100 * share, digits: 2) + " %"
  }
}
