import ClseqData
import ClseqTestSupport
import Testing

/// Tables of attributes as the attributes of a small log: users u1, u2, u3 and items a, b, c.
@Suite struct AttributeReaderTests {
  private static let log = "u1 a\nu1 b\nu1 c\nu2 b\nu2 a\nu2 c\nu3 c\nu3 a\nu3 b\n"

  /// The users' attributes from a file of this name.
  private func users(
    _ name: String, _ bytes: [UInt8], kinds: [String: AttributeKind] = [:],
    _ change: (inout ReadingOptions) -> Void = { _ in }
  ) throws -> AttributeTable {
    let folder = try TemporaryFolder()
    let log = try folder.write(Array(Self.log.utf8), to: "log.txt")
    let table = try folder.write(bytes, to: name)
    var options = ReadingOptions()
    change(&options)
    let dataset = try SequenceDataset.load(
      path: log, options: options, attributes: AttributeFiles(users: table, kinds: kinds))
    return try #require(dataset.userAttributes)
  }

  private func users(
    _ name: String, _ text: String, kinds: [String: AttributeKind] = [:]
  ) throws -> AttributeTable {
    try users(name, Array(text.utf8), kinds: kinds)
  }

  @Test func recBoleSaysTheKinds() throws {
    let table = try users(
      "log.user",
      """
      user_id:token\tage:float\tgender:token\ttags:token_seq\tvector:float_seq\tzip:token
      u3\t31.5\tF\told  new\t1 2.5\t007
      u1\t\tM\t\t\t
      u2\t24\tF\tnew\t-1 0\t12

      """)
    #expect(table.attributes.map(\.name) == ["age", "gender", "tags", "vector", "zip"])
    #expect(
      table.attributes.map(\.kind) == [.float, .token, .tokenSequence, .floatSequence, .token])
    #expect(table.rows("age") == ["", "24.0", "31.5"])
    #expect(table.rows("gender") == ["M", "F", "F"])
    #expect(table.rows("tags") == ["", "new", "old new"])
    #expect(table.rows("vector") == ["", "-1.0 0.0", "1.0 2.5"])
    #expect(table.rows("zip") == ["", "12", "007"])
    #expect(table.attributes.map(\.missingCount) == [1, 0, 1, 1, 1])
  }

  /// A column of CSV is numeric if all its values are numbers, and there is one.
  @Test(arguments: [
    (["1", "-2.5", "8e8"], AttributeKind.float, ["1.0", "-2.5", "800000000.0"]),
    (["1", "", "NA"], .float, ["1.0", "", ""]),
    (["null", "\\N", "3"], .float, ["", "", "3.0"]),
    (["1", "2", "x"], .token, ["1", "2", "x"]),
    (["1", "NA", "x"], .token, ["1", "NA", "x"]),
    (["0x10", "1", "2"], .token, ["0x10", "1", "2"]),
    (["", "", ""], .token, ["", "", ""]),
    (["NA", "NA", ""], .token, ["NA", "NA", ""]),
    (["a", "b", "a"], .token, ["a", "b", "a"]),
    (["\"a, b\"", "\"two\nlines\"", "\"\"\"\""], .token, ["a, b", "two lines", "\""]),
    (["a|b", "b", "c"], .token, ["a|b", "b", "c"]),
  ])
  func csvGoesByTheValues(_ fields: [String], _ kind: AttributeKind, _ rows: [String]) throws {
    let lines = zip(["u1", "u2", "u3"], fields).map { "\($0),\($1)\r\n" }
    let table = try users("users.csv", "\u{FEFF}User ID,value\r\n" + lines.joined())
    #expect(table.attributes.map(\.kind) == [kind])
    #expect(table.rows("value") == rows)
  }

  @Test(arguments: [
    (AttributeKind.token, ["007", "1|2", ""], ["007", "1|2", ""]),
    (.tokenSequence, ["a|b", "", "b||a"], ["a b", "", "b a"]),
    (.float, ["007", "NA", "2.5"], ["7.0", "", "2.5"]),
    (.floatSequence, ["", "1|2", "3|4"], ["", "1.0 2.0", "3.0 4.0"]),
    (.floatSequence, ["", "", ""], ["", "", ""]),
  ])
  func aKindThatIsGivenHolds(_ kind: AttributeKind, _ fields: [String], _ rows: [String]) throws {
    let lines = zip(["u1", "u2", "u3"], fields).map { "\($0)\t\($1)\n" }
    let table = try users("t.tsv", "uid\tvalue\n" + lines.joined(), kinds: ["value": kind])
    #expect(table.attributes.map(\.kind) == [kind] && table.rows("value") == rows)
  }

  /// Objects name attributes as they come; strings are no numbers, and arrays are sequences.
  @Test func jsonLines() throws {
    let table = try users(
      "users.jsonl",
      #"""
      {"用户ID": "u2", "age": 24, "zip": "12", "tags": "new", "nested": {"a": [1]}, "b": true}
      {"age": null, "tags": ["old", "n\u00e9w"], "用户ID": "u1", "late": -1e1, "parts": [{}]}
      {"用户ID": "u3", "zip": "13", "age": 31.5, "tags": [], "nested": null, "empty": []}
      """#)
    #expect(table.attributes.map(\.name) == ["age", "zip", "tags", "b", "late"])
    #expect(table.attributes.map(\.kind) == [.float, .token, .tokenSequence, .token, .float])
    #expect(table.rows("age") == ["", "24.0", "31.5"])
    #expect(table.rows("zip") == ["", "12", "13"])
    #expect(table.rows("tags") == ["old néw", "new", ""])
    #expect(table.rows("b") == ["", "true", ""] && table.rows("late") == ["-10.0", "", ""])
  }

  /// Codes are 1…K in the order of rows, and of those tokens only that a row has.
  @Test func rowsAreThoseOfTheLog() throws {
    let table = try users(
      "users.csv", "user_id,job\nu9,astronaut\nu2,doctor\nu0,doctor\nu1,baker\n")
    #expect(table.rowCount == 3 && table.rows("job") == ["baker", "doctor", ""])
    guard case .tokens(let codes) = table.attributes[0].values else {
      Issue.record("\(table.attributes[0].kind)")
      return
    }
    #expect(Array(codes) == [1, 2, 0] && table.attributes[0].tokens.count == 2)
    #expect(table.source.name == "users.csv" && table.source.rowCount == 4)
    #expect(table.source.leftOutRowCount == 2 && table.source.unknownCount == 1)
    #expect(table.source.hash.hasPrefix("xxh64:") && table.source.skippedRowCount == 0)
  }

  @Test func itemsGoByTheVocabulary() throws {
    let folder = try TemporaryFolder()
    let log = try folder.write(Array(Self.log.utf8), to: "log.txt")
    let table = try folder.write(Array("商品ID,price\nc,3\na,1\nb,2\n".utf8), to: "items.csv")
    let dataset = try SequenceDataset.load(path: log, attributes: AttributeFiles(items: table))
    let prices = try #require(dataset.itemAttributes?["price"])
    #expect(dataset.userAttributes == nil && dataset.itemAttributes?["size"] == nil)
    for (item, price) in [("a", 1.0), ("b", 2), ("c", 3)] {
      let row = Int(try #require(dataset.vocabulary.index(of: item))) - 1
      #expect(prices.numbers(of: row) == [price] && prices.tokens(of: row) == [])
    }
  }

  /// The key has the name that the log's column has, or one of the common names.
  @Test(arguments: [("buyer,user_id\nu1,x\n", "user_id"), ("user_id,job\nu1,x\n", "job")])
  func theKeyMayBeNamed(_ text: String, _ attribute: String) throws {
    let folder = try TemporaryFolder()
    let log = try folder.write(
      Array("buyer,item\nu1,a\nu1,b\nu1,c\n".utf8), to: "log.csv")
    let table = try folder.write(Array(text.utf8), to: "users.csv")
    let dataset = try SequenceDataset.load(
      path: log, options: ReadingOptions(columns: ColumnMapping([.user: "buyer"])),
      attributes: AttributeFiles(users: table))
    #expect(dataset.userAttributes?.rows(attribute) == ["x"])
  }

  @Test(arguments: Compression.allCases)
  func compressed(_ compression: Compression) throws {
    let bytes = compression.compress(Array("user_id,age\nu1,1\nu2,2\n".utf8))
    #expect(try users("users", bytes).rows("age") == ["1.0", "2.0", ""])
    #expect(throws: DataError.self) { try users("users", bytes.dropLast(4)) }
  }

  /// Shards are one table, whatever the order of their columns; a key may still be there once.
  @Test func shards() throws {
    let folder = try TemporaryFolder()
    let log = try folder.write(Array(Self.log.utf8), to: "log.txt")
    let shards = try TemporaryFolder()
    _ = try shards.write(Array("user_id,age,job\nu1,1,x\n".utf8), to: "part-0.csv")
    _ = try shards.write(Array("job,age,user_id\ny,2,u2\n".utf8), to: "part-1.csv")
    let files = AttributeFiles(users: shards.path)
    let table = try #require(try SequenceDataset.load(path: log, attributes: files).userAttributes)
    #expect(table.rows("age") == ["1.0", "2.0", ""] && table.rows("job") == ["x", "y", ""])
    for (text, message) in [
      ("user_id,age,job\nu1,2,y\n", ":2:1: expected each user once, found \"u1\" again"),
      (
        "user_id,age\nu3,2\n",
        ":1:1: expected the columns of the first file: user_id, age, job, found user_id, age"
      ),
    ] {
      let path = try shards.write(Array(text.utf8), to: "part-2.csv")
      let error = try #require(throws: DataError.self) {
        try SequenceDataset.load(path: log, attributes: files)
      }
      #expect(error.description == path + message)
    }
  }
}

extension AttributeTable {
  /// The values of an attribute by row, as text; empty where they are missing.
  func rows(_ name: String) -> [String] {
    guard let attribute = self[name] else { return [] }
    return (0..<rowCount).map { row in
      let numbers = attribute.numbers(of: row).filter { !$0.isNaN }
      return (attribute.tokens(of: row) + numbers.map { "\($0)" }).joined(separator: " ")
    }
  }
}
