import ClseqData
import ClseqTestSupport
import Testing

@Suite struct ColumnTests {
  @Test(arguments: [
    "user_id,item_id,event_type,timestamp", "userId,movieId,action,time", "UID,SKU,Behavior,ts",
    "visitor-id,Product ID,event type,created_at", "user,item,event,date",
    "用户ID,商品ID,行为类型,时间戳", "用户id,物品ID,行为,时间", "用户编号,商品编号,事件类型,开始时间",
  ])
  func commonNames(_ header: String) throws {
    #expect(
      try LogRow.read("log.csv", header + "\nann,tea,view,7\n") == [
        LogRow("ann", "tea", 7_000_000, "view")
      ])
  }

  /// The surer name wins, wherever it stands.
  @Test func surerNameFirst() throws {
    let text = "item,开始时间,user,item_id,时间戳,user_id\nx,1,y,tea,7,ann\n"
    #expect(try LogRow.read("log.csv", text) == [LogRow("ann", "tea", 7_000_000)])
  }

  @Test func givenNames() throws {
    var options = ReadingOptions()
    options.columns = ColumnMapping([.user: "buyer", .item: "thing", .eventType: "how"])
    #expect(
      try LogRow.read("log.csv", "user_id,thing,how,buyer\nx,tea,bought,ann\n", options) == [
        LogRow("ann", "tea", nil, "bought")
      ])
  }

  @Test func rolesThatAreNotLookedFor() throws {
    var options = ReadingOptions()
    options.columns.recognized = [.user, .item]
    #expect(
      try LogRow.read("log.csv", "user,item,time,event\nann,tea,never,view\n", options)
        == [LogRow("ann", "tea")])
  }

  @Test(arguments: [
    (ColumnMapping(), "who,item_id,when", 1, "a column for the user, such as user_id"),
    (ColumnMapping(), "user_id,what,when", 1, "a column for the item, such as item_id"),
    (ColumnMapping([.time: "When"]), "user_id,item_id,when", 1, "a column \"When\" for the time"),
    (
      ColumnMapping(features: [FeatureColumn("price")]), "user_id,item_id,when", 1,
      "a column \"price\" for a feature"
    ),
  ])
  func missingColumn(
    _ columns: ColumnMapping, _ header: String, _ column: Int, _ expected: String
  ) throws {
    let file = try TemporaryFile("log.csv", header + "\na,b,c\n")
    let names = header.split(separator: ",").joined(separator: ", ")
    #expect(
      throws: DataError.malformed(
        path: file.path, line: 1, column: column, expected: expected,
        found: "the columns \(names)")
    ) { try LogRow.read(file.path, ReadingOptions(columns: columns, tolerated: .count(9))) }
  }

  @Test func twoColumnsOfOneName() throws {
    let file = try TemporaryFile("log.csv", "user_id,item_id,User ID\na,b,c\n")
    #expect(
      throws: DataError.malformed(
        path: file.path, line: 1, column: 17, expected: "one column user_id",
        found: "2 of that name")
    ) { try LogRow.read(file.path) }
  }

  @Test func missingKeyOfJSONLines() throws {
    let file = try TemporaryFile("log.jsonl", "{\"uid\":1,\"what\":2}\n")
    #expect(
      throws: DataError.malformed(
        path: file.path, line: 1, column: 1, expected: "a column for the item, such as item_id",
        found: "the columns uid, what")
    ) { try LogRow.read(file.path) }
  }
}
