import ClseqData
import ClseqTestSupport
import Testing

/// Tables of attributes that must be refused, with the whole message; none may end the process.
@Suite struct BadAttributeFileTests {
  private static let log = "u1 a\nu1 b\nu1 c\nu2 a\nu2 b\nu2 c\n"

  /// Reads a table of users. Returns it with the place where it was.
  private func users(
    _ name: String, _ bytes: [UInt8], kinds: [String: AttributeKind] = [:], tolerating: Int = 0
  ) throws -> AttributeTable? {
    let folder = try TemporaryFolder()
    let log = try folder.write(Array(Self.log.utf8), to: "log.txt")
    let table = try folder.write(bytes, to: name)
    do {
      let dataset = try SequenceDataset.load(
        path: log, options: ReadingOptions(tolerated: .count(tolerating)),
        attributes: AttributeFiles(users: table, kinds: kinds))
      return dataset.userAttributes
    } catch {
      let message = error.description
      throw Refused(
        message: message.hasPrefix(table) ? String(message.dropFirst(table.count)) : message)
    }
  }

  /// A message without the path.
  private struct Refused: Error, Equatable {
    let message: String
  }

  @Test(arguments: [
    (
      "u,age\nu1,2\n",
      ":1:1: expected a column for the user, such as user_id, found the columns u, age"
    ),
    ("user_id,uid,a,a\nu1,u1,1,2\n", ":1:15: expected each name once, found \"a\" again"),
    ("user_id,user_id\nu1,u1\n", ":1:9: expected one column user_id, found 2 of that name"),
    ("user_id,,age\nu1,0,1\n", ":1:9: expected a name for the column, found nothing"),
    ("user_id,age\n", ":2:1: expected a row for a user, found the end of the file"),
    ("", ":1:1: expected a row for a user, found the end of the file"),
    ("user_id,age\nu1,1\nu2,2\nu1,1\n", ":4:1: expected each user once, found \"u1\" again"),
    ("user_id,age\nu1,1\nu2\n", ":3:3: expected 2 fields, found 1 field"),
    ("user_id,age\nu1,1,2\n", ":2:6: expected 2 fields, found 3 fields"),
    ("user_id,age\n,1\n", ":2:1: expected the user of the row, found nothing"),
    ("user_id,age\nu1,\"1\n", ":2:4: expected a closing quote, found the end of the file"),
    ("user_id,age\nu1,1\0\n", ":2:5: expected UTF-8 text, found a NUL byte"),
    ("user_id,age\nu1,1\n\nu2,2\n", ":3:1: expected a row for a user, found a blank line"),
  ])
  func csv(_ text: String, _ message: String) throws {
    #expect(throws: Refused(message: message)) { try users("users.csv", Array(text.utf8)) }
  }

  @Test(arguments: [
    (
      "user_id\tage:float\nu1\t2\n",
      ":1:1: expected a header of TAB-separated name:type, type one of token, token_seq, float, "
        + "float_seq, found \"user_id\""
    ),
    (
      "user_id:float\tage:float\nu1\t2\n", ":1:1: expected user_id:token, found user_id:float"
    ),
    (
      "name:token\tage:float\nu1\t2\n",
      ":1:1: expected a column for the user, such as user_id, found the columns name, age"
    ),
    (
      "user_id:token\tage:float\nu1\told\n", ":2:4: expected a number for age, found \"old\""
    ),
    (
      "user_id:token\tage:float\nu1\t1e999\n", ":2:4: expected a number for age, found \"1e999\""
    ),
    (
      "user_id:token\tv:float_seq\nu1\t1 x\n", ":2:4: expected a number for v, found \"x\""
    ),
    (
      "user_id:token\tv:float_seq\nu1\t\nu2\t1 2\nu3\t1\n",
      ":4:4: expected 2 numbers for v, found 1"
    ),
    ("user_id:token\tage:float\nu1\n", ":2:3: expected 2 TAB-separated fields, found 1 field"),
  ])
  func recBole(_ text: String, _ message: String) throws {
    #expect(throws: Refused(message: message)) { try users("log.user", Array(text.utf8)) }
  }

  @Test(arguments: [
    (
      #"{"age": 1}"#, ":1:1: expected a column for the user, such as user_id, found the columns age"
    ),
    (#"{"user_id": "u1", "a": 1, "a": 2}"#, ":1:27: expected each key once, found \"a\" again"),
    (#"{"user_id": null, "a": 1}"#, ":1:13: expected the user of the row, found nothing"),
    (#"{"user_id": ["u1"]}"#, ":1:13: expected a string or a number, found an object or an array"),
    (
      #"{"user_id": "u1", "a": [1, [2]]}"#,
      ":1:28: expected a string or a number, found an object or an array"
    ),
    (
      #"{"user_id": "u1", "a": [1 2]}"#,
      ":1:27: expected a comma or a closing bracket, found \"2]}\""
    ),
    (#"{"user_id": "u1", "": 2}"#, ":1:19: expected a name for the column, found nothing"),
    (
      #"{"user_id": "u1", "a": 2} {}"#,
      ":1:27: expected the end of the text, found \"{}\""
    ),
    ("{\"user_id\": \"u1\"}\n{\"a\": 1}", ":2:1: expected a member user_id, found none"),
    ("{\"user_id\": \"u1\"}\n[1]", ":2:1: expected an object in braces, found \"[1]\""),
    (
      "{\"user_id\": \"u1\", \"a\": 1}\n{\"user_id\": \"u2\", \"a\": {}}",
      ":2:24: expected values for a, found an object, or an array of such"
    ),
    (
      "{\"user_id\": \"u1\", \"a\": {}}\n{\"user_id\": \"u2\", \"a\": 1}",
      ":2:19: expected an object for a, as in earlier lines, found a value"
    ),
    (
      "{\"user_id\": \"u1\", \"n\": 1}\n{\"user_id\": \"u2\", \"n\": [1]}",
      ":2:24: expected one value for n, found an array"
    ),
  ])
  func jsonLines(_ text: String, _ message: String) throws {
    let kinds: [String: AttributeKind] = text.contains("\"n\"") ? ["n": .float] : [:]
    #expect(throws: Refused(message: message)) {
      try users("users.jsonl", Array(text.utf8), kinds: kinds)
    }
  }

  @Test func limits() throws {
    let names = (0...1_000).map { "a\($0)" }.joined(separator: ",")
    #expect(
      throws: Refused(
        message: ":1:\(names.utf8.count + 4): expected at most 1000 attributes, found a further "
          + "one, \"a1000\"")
    ) { try users("users.csv", Array("user_id,\(names)\n".utf8)) }
    let numbers = Array(repeating: "1", count: 4_097).joined(separator: " ")
    #expect(
      throws: Refused(message: ":2:4: expected at most 4096 numbers for v, found 4097")
    ) { try users("t.user", Array("user_id:token\tv:float_seq\nu1\t\(numbers)\n".utf8)) }
    let long = String(repeating: "x", count: (1 << 20) + 1)
    #expect(
      throws: Refused(
        message: ":2:4: expected a field of at most 1048576 bytes, found one of 1048577")
    ) { try users("users.csv", Array("user_id,a\nu1,\(long)\n".utf8)) }
  }

  @Test func aKindForNoAttribute() throws {
    #expect(throws: Refused(message: ": expected one of the attributes age, found \"agee\"")) {
      try users("users.csv", Array("user_id,age\nu1,1\n".utf8), kinds: ["agee": .token])
    }
  }

  /// What a faulty row had is forgotten, in whatever column the fault was.
  @Test func tolerated() throws {
    let text = """
      user_id:token\ttags:token_seq\tv:float_seq\tage:float\tjob:token
      u9\tz y\t1 2 3\told\tx
      u2\ta b\t1 2\t24\tdoctor
      u1\tc\t1\t31\tbaker
      u2\tc\t1 2\t1\tbaker
      u1\tb\t3 4\t31\t
      """
    let table = try #require(try users("log.user", Array(text.utf8), tolerating: 3))
    #expect(table.rows("tags") == ["b", "a b"] && table.rows("v") == ["3.0 4.0", "1.0 2.0"])
    #expect(table.rows("age") == ["31.0", "24.0"] && table.rows("job") == ["", "doctor"])
    #expect(table.source.skippedRowCount == 3 && table.source.rowCount == 2)
    #expect(
      throws: Refused(message: ":5:1: expected each user once, found \"u2\" again")
    ) { try users("log.user", Array(text.utf8), tolerating: 2) }
  }

  /// A table that is refused leaves no dataset, and the log is not read before it.
  @Test func noPartialDataset() throws {
    let folder = try TemporaryFolder()
    let table = try folder.write(Array("user_id,age\nu1\n".utf8), to: "users.csv")
    #expect(throws: DataError.self) {
      try SequenceDataset.prepare(
        path: folder.file("no-log.txt"), rules: DatasetRules(),
        attributes: AttributeFiles(users: table), to: folder.file("data"), version: "test")
    }
    #expect(try folder.names() == ["users.csv"])
    #expect(throws: DataError.missingFile(path: folder.file("items.csv"))) {
      try SequenceDataset.load(
        path: table, attributes: AttributeFiles(items: folder.file("items.csv")))
    }
  }

  /// Random bytes of every kind of meaning: any error is right, a trap is not.
  @Test(arguments: ["t.user", "t.csv", "t.jsonl"])
  func noise(_ name: String) throws {
    var state: UInt64 = 11
    let alphabet = Array("u,1|\t\"\n\n\r{}[]:\\E-. tfn\u{e9}".utf8) + [0, 0xFF]
    let heads = [
      "t.user": "user_id:token\ta:float_seq\tb:token_seq\n", "t.csv": "user_id,a,b\n",
      "t.jsonl": "{\"user_id\":\"u1\",\"a\":[1]}\n",
    ]
    for _ in 0..<200 {
      let bytes = (0..<60).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return alphabet[Int(state >> 33) % alphabet.count]
      }
      for tolerating in [0, 1_000] {
        _ = try? users(name, Array((heads[name] ?? "").utf8) + bytes, tolerating: tolerating)
      }
    }
  }
}
