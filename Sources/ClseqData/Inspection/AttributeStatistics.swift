/// The statistics of a table of attributes that `clseq inspect` prints.
public struct AttributeTableStatistics: Sendable, Equatable, Codable {
  /// The source of the table.
  public let source: AttributeSource
  /// Its attributes in order.
  public let attributes: [AttributeStatistics]

  /// Goes through the whole table once.
  public init(_ table: AttributeTable) {
    source = table.source
    attributes = table.attributes.map { AttributeStatistics($0, rowCount: table.rowCount) }
  }
}

/// The statistics of one attribute that `clseq inspect` prints.
public struct AttributeStatistics: Sendable, Equatable, Codable {
  /// The value that occurs most often.
  public struct Mode: Sendable, Equatable, Codable {
    /// The value; of equally frequent ones the first in the order of rows.
    public let value: String
    /// The number of its occurrences divided by the number of rows.
    public let share: Double
  }

  /// Minimum, mean and maximum of numbers.
  public struct Summary: Sendable, Equatable, Codable {
    /// The minimum.
    public let least: Double
    /// The mean.
    public let mean: Double
    /// The maximum.
    public let greatest: Double
  }

  /// The name of the attribute.
  public let name: String
  /// The kind of its values.
  public let kind: AttributeKind
  /// Distinct values; of sequences, distinct elements.
  public let distinctCount: Int
  /// The share of rows without a value.
  public let missingShare: Double
  /// The most frequent value; nil for numbers, and if no row has a value.
  public let mode: Mode?
  /// Over all numbers; nil for tokens, and if no row has a value.
  public let summary: Summary?

  init(_ attribute: Attribute, rowCount: Int) {
    name = attribute.name
    kind = attribute.kind
    missingShare = Double(attribute.missingCount) / Double(max(1, rowCount))
    switch attribute.values {
    case .tokens(let codes):
      distinctCount = attribute.tokens.count
      (mode, summary) = (Self.mode(of: codes, attribute.tokens, rowCount), nil)
    case .tokenSequences(let codes, _):
      distinctCount = attribute.tokens.count
      (mode, summary) = (Self.mode(of: codes, attribute.tokens, rowCount), nil)
    case .floats(let numbers), .floatSequences(let numbers, _):
      let known = numbers.filter { !$0.isNaN }
      distinctCount = Set(known).count
      (mode, summary) = (nil, Self.summary(of: known))
    }
  }

  private static func mode(
    of codes: Column<Int32>, _ tokens: TokenTable, _ rowCount: Int
  ) -> Mode? {
    var counts = [Int](repeating: 0, count: tokens.count + 1)
    for code in codes where code > 0 { counts[Int(code)] += 1 }
    guard let most = counts.max(), most > 0, let code = counts.firstIndex(of: most) else {
      return nil
    }
    return Mode(value: tokens[code - 1], share: Double(most) / Double(rowCount))
  }

  private static func summary(of numbers: [Double]) -> Summary? {
    guard let least = numbers.min(), let greatest = numbers.max() else { return nil }
    // Divided first: the sum of large numbers may be beyond Double.
    let mean = numbers.reduce(0.0) { $0 + $1 / Double(numbers.count) }
    return Summary(least: least, mean: mean, greatest: greatest)
  }

  private enum CodingKeys: String, CodingKey {
    case name, kind
    case distinctCount = "distinct"
    case missingShare = "missing_share"
    case mode = "most_frequent"
    case summary
  }
}
