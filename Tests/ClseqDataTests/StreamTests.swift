import ClseqData
import ClseqTestSupport
import Testing

@Suite struct StreamTests {
  @Test func interactionsAreSmall() {
    #expect(MemoryLayout<Interaction>.stride == 24)
  }

  /// What a stream tells of an event beside user and item.
  private struct Facts: Equatable {
    var label: Double?
    var session: UInt64?
    var endTime: Int64?
    var features: [String]
  }

  private func facts(
    _ text: String, _ options: ReadingOptions = ReadingOptions()
  ) throws -> (facts: [Facts], columns: [FeatureColumn]) {
    let file = try TemporaryFile("log.csv", text)
    var stream = try InteractionStream(path: file.path, options: options)
    var facts: [Facts] = []
    while try stream.next() != nil {
      facts.append(
        Facts(
          label: stream.label, session: stream.session, endTime: stream.endTime,
          features: stream.featureColumns.indices.map { "\(stream.feature($0))" }))
    }
    return (facts, stream.featureColumns)
  }

  @Test func labelSessionAndEnd() throws {
    let text = """
      user_id,item_id,rating,session_id,开始时间,结束时间
      u1,a,4.5,s1,10,12.5
      u1,b,,s1,20,
      u1,c,-1e2,s2,30,30
      u1,d,NA,,40,41

      """
    let read = try facts(text, ReadingOptions(missing: .fill)).facts
    #expect(read.map(\.label) == [4.5, nil, -100, nil])
    #expect(read.map(\.endTime) == [12_500_000, nil, 30_000_000, 41_000_000])
    #expect(read[0].session != nil && read[0].session == read[1].session)
    #expect(read[2].session != nil && read[2].session != read[0].session)
    #expect(read[3].session == nil)
  }

  @Test func recognizedFeatures() throws {
    let text = "用户ID,商品ID,时间戳,持续时间,发布时间,发布频率,互动次数\nu,i,7,1.5,1970-01-02,,3\n"
    let read = try facts(text, ReadingOptions(missing: .fill))
    #expect(
      read.columns == [
        FeatureColumn("持续时间"), FeatureColumn("发布时间", kind: .time), FeatureColumn("发布频率"),
        FeatureColumn("互动次数"),
      ])
    #expect(read.facts.map(\.features) == [["1.5", "86400.0", "nan", "3.0"]])
  }

  @Test func givenFeatures() throws {
    var options = ReadingOptions(missing: .fill)
    options.columns.features = [FeatureColumn("price"), FeatureColumn("age")]
    let read = try facts("user,item,age,duration,price\nu,i,30,x,2.50\nu,i,null,x,0\n", options)
    #expect(read.columns == options.columns.features)
    #expect(read.facts.map(\.features) == [["2.5", "30.0"], ["0.0", "nan"]])
  }

  /// A feature that is missing stops the reading, drops the event, or is left to be filled.
  @Test(arguments: ["", "NA", "\\N"])
  func missingFeatures(text: String) throws {
    let file = try TemporaryFile("log.csv", "user,item,duration\nu,a,1\nu,b,\(text)\nu,c,3\n")
    #expect(
      throws: DataError.malformed(
        path: file.path, line: 3, column: 5,
        expected: "a value of duration (events without one may be dropped, or the value filled)",
        found: text.isEmpty ? "nothing" : text)
    ) { try LogRow.read(file.path) }
    let dropped = try LogRow.read(file.path, ReadingOptions(missing: .drop))
    #expect(dropped == [LogRow("u", "a"), LogRow("u", "c")])
    #expect(try LogRow.read(file.path, ReadingOptions(missing: .fill)).count == 3)
  }

  private static let faulty = """
    user,item,time
    u1,a,1
    u2,b
    u3,"c,2
    u4,d,noon

    u5,e,5

    """

  @Test func toleratesSoManyFaults() throws {
    let file = try TemporaryFile("log.csv", Self.faulty)
    var options = ReadingOptions(tolerated: .count(4))
    var stream = try InteractionStream(path: file.path, options: options)
    var users: [String] = []
    while let event = try stream.next() { users.append(stream.users[Int(event.user)]) }
    // No token of a record that was passed over is left behind.
    #expect(users == ["u1", "u5"] && stream.users.count == 2 && stream.items.count == 2)
    #expect(stream.faultCount == 4)
    #expect(
      stream.faults.map { $0.description.dropFirst(file.path.count) } == [
        ":3:5: expected 3 fields, found 2 fields",
        ":4:4: expected a closing quote, found the end of the file",
        ":5:6: expected a time that is a number, found \"noon\"",
        ":6:1: expected CSV, found a blank line",
      ])
    options.tolerated = .count(3)
    #expect(throws: stream.faults[3]) { try LogRow.read(file.path, options) }
  }

  /// Tolerated lines are counted over all formats and kinds of fault.
  @Test func toleratesFaultsOfText() throws {
    let bytes = Array("u1 a\nu1 ".utf8) + [0xFF] + Array("\nu1 b\0\nu1\nu1 c\n".utf8)
    let file = try TemporaryFile("log.txt", bytes: bytes)
    let rows = try LogRow.read(file.path, ReadingOptions(tolerated: .count(3)))
    #expect(rows == [LogRow("u1", "a"), LogRow("u1", "c")])
  }

  @Test func dropsIncompleteRecords() throws {
    let text = "user,item,time\nu1,a,1\n,b,2\nu3,,3\nu4,d,\nu5,e,5\n"
    let file = try TemporaryFile("log.csv", text)
    var stream = try InteractionStream(
      path: file.path, options: ReadingOptions(missing: .drop))
    while try stream.next() != nil {}
    #expect(stream.incompleteCount == 3 && stream.faultCount == 0 && stream.users.count == 2)
    #expect(
      throws: DataError.malformed(
        path: file.path, line: 3, column: 1, expected: "a user (events without one may be dropped)",
        found: "nothing")
    ) { try LogRow.read(file.path) }
  }

  /// Tokens of all lengths around those that a table keeps in its slots, many of them alike.
  @Test func tokensOfAnyLength() throws {
    let tokens = (1...70).flatMap { length in
      (0..<40).map { String(repeating: "x", count: length - 1) + String($0) }
    }
    let text = tokens.map { "u \($0)\n" }.joined()
    let rows = try LogRow.read("log.txt", text + text, ReadingOptions(format: .events))
    #expect(rows.map(\.item) == tokens + tokens)
    let file = try TemporaryFile("log.txt", text + text)
    let dataset = try SequenceDataset.load(
      path: file.path, options: ReadingOptions(format: .events))
    // In the order in which they were first seen.
    #expect(dataset.itemCount == tokens.count)
    #expect(tokens.map { dataset.vocabulary.index(of: $0) } == (1...tokens.count).map { Int32($0) })
    #expect(dataset.vocabulary.index(of: "y") == nil)
  }
}
