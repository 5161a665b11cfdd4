/// How the attributes of items, or of users, become numbers that a model takes, here and in new data
/// alike: choices by a place for each token, numbers brought to mean 0 and deviation 1.
public struct AttributeEncoding: Sendable, Equatable, Codable {
  /// Tokens of an attribute beyond which it says who, not what: it is left out.
  public static let mostTokens = 2_048

  /// An attribute.
  public struct Part: Sendable, Equatable, Codable {
    /// Its name.
    public var name: String
    /// Its tokens, a place each; nil for numbers.
    public var tokens: [String]?
    /// The mean of each number, of those that are there.
    public var means: [Double] = []
    /// Their standard deviations.
    public var deviations: [Double] = []

    /// Places of the attribute.
    public var width: Int { tokens?.count ?? means.count }
  }

  /// The attributes that are used.
  public private(set) var parts: [Part] = []
  /// Attributes that are left out because nearly every row has a token of its own.
  public private(set) var leftOut: [String] = []

  private enum CodingKeys: String, CodingKey {
    case parts
    case leftOut = "left_out"
  }

  /// Numbers of a row.
  public var width: Int { parts.reduce(0) { $0 + $1.width } }

  /// An encoding of all attributes of a table that are not distinct in nearly every row.
  ///
  /// - Parameters:
  ///   - table: The table of attributes.
  ///   - except: Names of attributes that must not be known.
  ///   - rows: Those that statistics and tokens are taken from, ascending; nil for all.
  public init(_ table: AttributeTable, except: Set<String> = [], rows: [Int]? = nil) {
    let rows = (rows ?? Array(0..<table.rowCount)).filter { $0 < table.rowCount }
    for attribute in table.attributes where !except.contains(attribute.name) {
      switch attribute.kind {
      case .token, .tokenSequence:
        let tokens = Self.tokens(attribute, rows: rows)
        guard tokens.count > 1, tokens.count <= min(Self.mostTokens, max(2, rows.count * 9 / 10))
        else {
          leftOut.append(attribute.name)
          continue
        }
        parts.append(Part(name: attribute.name, tokens: tokens))
      case .float, .floatSequence: parts.append(Self.numbers(attribute, rows: rows))
      }
    }
  }

  /// The tokens that rows hold, in the order of the table.
  private static func tokens(_ attribute: Attribute, rows: [Int]) -> [String] {
    var occurs = [Bool](repeating: false, count: attribute.tokens.count)
    for row in rows { for code in attribute.codes(of: row) { occurs[Int(code) - 1] = true } }
    return occurs.indices.filter { occurs[$0] }.map { attribute.tokens[$0] }
  }

  private static func numbers(_ attribute: Attribute, rows: [Int]) -> Part {
    let width = rows.first.map { attribute.numbers(of: $0).count } ?? 0
    var counts = [Double](repeating: 0, count: width)
    /// Calls a body with every finite number and its column.
    func forEachNumber(_ body: (_ column: Int, _ number: Double) -> Void) {
      for row in rows {
        for (column, number) in attribute.numbers(of: row).enumerated() where number.isFinite {
          body(column, number)
        }
      }
    }
    /// The mean of a term, column by column.
    func means(_ term: (_ column: Int, _ number: Double) -> Double) -> [Double] {
      var sums = [Double](repeating: 0, count: width)
      forEachNumber { sums[$0] += term($0, $1) }
      return zip(sums, counts).map { $0 / max(1, $1) }
    }
    forEachNumber { column, _ in counts[column] += 1 }
    var part = Part(name: attribute.name)
    part.means = means { $1 }
    part.deviations = means { ($1 - part.means[$0]) * ($1 - part.means[$0]) }
      .map { $0.squareRoot() }
    return part
  }

  /// The same without numbers.
  var tokensOnly: AttributeEncoding {
    var encoding = self
    encoding.parts.removeAll { $0.tokens == nil }
    return encoding
  }

  /// The places of the tokens of rows, ascending and distinct; those of row r stand from `offsets[r]` up to
  /// `offsets[r + 1]`.
  func tokenPlaces(of table: AttributeTable) -> (places: [Int32], offsets: [Int]) {
    var start = 0
    var columns: [(attribute: Attribute, start: Int, known: [Int?])] = []
    for part in parts {
      if part.tokens != nil, let attribute = table[part.name], !attribute.isNumeric {
        columns.append((attribute, start, part.places(of: attribute)))
      }
      start += part.width
    }
    var (all, offsets): ([Int32], [Int]) = ([], [0])
    for row in 0..<table.rowCount {
      let places = columns.flatMap { column in
        column.attribute.codes(of: row).compactMap { code in
          column.known[Int(code) - 1].map { Int32(column.start + $0) }
        }
      }
      all += Set(places).sorted()
      offsets.append(all.count)
    }
    return (all, offsets)
  }

  /// - Throws: `DataError.unfit` where no attribute is left.
  func requireParts(of owners: String, _ path: String) throws(DataError) {
    guard width == 0 else { return }
    let names = leftOut.isEmpty ? "none" : leftOut.joined(separator: ", ")
    throw .unfit(
      path: path, what: "the attributes of \(owners) are only names (\(names))",
      expected:
        "numbers, or tokens that several \(owners) share. If a cell holds several tokens, separated by |, add "
        + "--attribute-kinds \(leftOut.first ?? "NAME")=token_seq")
  }

  /// The numbers of rows, `[rows, width]`; 0 where a value is missing.
  ///
  /// - Parameters:
  ///   - table: May lack attributes, and hold further ones and other tokens.
  ///   - skipping: Rows of zeros before those of the table.
  ///   - rowCount: Rows in all; those after the table's are zeros.
  public func values(of table: AttributeTable?, skipping: Int = 0, rowCount: Int) -> [Float] {
    let width = self.width
    var values = [Float](repeating: 0, count: rowCount * width)
    guard let table else { return values }
    var start = 0
    for part in parts {
      if let attribute = table[part.name], attribute.isNumeric == (part.tokens == nil) {
        let places = part.places(of: attribute)
        for row in 0..<min(table.rowCount, rowCount - skipping) {
          part.write(attribute, row, places) { values[(row + skipping) * width + start + $0] += $1 }
        }
      }
      start += part.width
    }
    return values
  }
}

extension AttributeEncoding.Part {
  /// The place of each of an attribute's tokens; nil for one that is not known.
  fileprivate func places(of attribute: Attribute) -> [Int?] {
    let known = Dictionary(
      (tokens ?? []).enumerated().map { ($0.element, $0.offset) }, uniquingKeysWith: { a, _ in a })
    return (0..<attribute.tokens.count).map { known[attribute.tokens[$0]] }
  }

  /// Hands on the places of a row that are not 0, and their numbers. Of several tokens each counts
  /// 1 / √k, so that rows of many have no more weight.
  fileprivate func write(
    _ attribute: Attribute, _ row: Int, _ known: [Int?], _ put: (Int, Float) -> Void
  ) {
    if tokens != nil {
      let places = attribute.codes(of: row).compactMap { known[Int($0) - 1] }
      let share = 1 / Float(max(1, places.count)).squareRoot()
      for place in places { put(place, share) }
    } else {
      let numbers = attribute.numbers(of: row)
      for (place, (mean, deviation)) in zip(means, deviations).enumerated()
      where place < numbers.count && numbers[place].isFinite && deviation > 0 {
        put(place, Float((numbers[place] - mean) / deviation))
      }
    }
  }
}
