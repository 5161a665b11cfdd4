import ClseqData
import ClseqTestSupport
import Testing

@Suite struct JSONLinesTests {
  @Test func flatObjects() throws {
    let text = """
      {"user_id": "ann", "item_id": 17, "ts": 7, "event": "view"}
      {"ts":8,"extra":{"a":[1,{"b":"}"}],"c":null},"item_id":"jam","user_id":"bob","event":null}
       { "event" : "buy" , "item_id" : 1.5e3 , "user_id" : true , "ts" : 9.5 }\u{20}

      """
    #expect(
      try LogRow.read("log.jsonl", text) == [
        LogRow("ann", "17", 7_000_000, "view"), LogRow("bob", "jam", 8_000_000),
        LogRow("true", "1.5e3", 9_500_000, "buy"),
      ])
  }

  @Test func escapes() throws {
    let text =
      #"{"user":"a\"\\\/\b\f\r\tz","item":"\u7dd1\u8336 \ud83c\udf75 \u00E9"}"# + "\n"
      + #"{"us\u0065r":"plain","item":"緑茶"}"#
    #expect(
      try LogRow.read("log.jsonl", text) == [
        LogRow("a\"\\/\u{8}\u{C}\r\tz", "緑茶 🍵 é"), LogRow("plain", "緑茶"),
      ])
  }

  /// Each is the second line, and refused at this column.
  @Test(arguments: [
    (#"[1]"#, 1, "an object in braces"), (#"{"user":"u","item":"i""#, 23, "a comma or a closing"),
    (#"{"user":"u","item":"i"} x"#, 25, "the end of the text"),
    (#"{"user":"u","item":"i",}"#, 24, "a key in quotes"), (#"{user:"u"}"#, 2, "a key in quotes"),
    (#"{"user" "u"}"#, 9, "a colon"), (#"{"user":"u","item":"i}"#, 23, "a closing quote"),
    (#"{"user":'u'}"#, 9, "a value"), (#"{"user":nul,"item":"i"}"#, 9, "a value"),
    (#"{"user":-,"item":"i"}"#, 10, "a value"), (#"{"user":1.,"item":"i"}"#, 11, "a digit"),
    (#"{"user":1e,"item":"i"}"#, 11, "a digit"), (#"{"user":01,"item":"i"}"#, 10, "a comma or"),
    (#"{"user":"\x","item":"i"}"#, 10, "an escape of JSON"),
    (#"{"user":"\ud800","item":"i"}"#, 10, "an escape that is a character"),
    (#"{"user":"\u0000","item":"i"}"#, 10, "an escape that is a character"),
    (#"{"user":"\u12g4","item":"i"}"#, 10, "an escape that is a character"),
    ("{\"user\":\"a\tb\",\"item\":\"i\"}", 11, "a string without control characters"),
    (#"{"user":{"a":1},"item":"i"}"#, 9, "a string or a number"),
    (#"{"user":"u","item":"i","user":"v"}"#, 24, "each key once"),
    (#"{"user":"u","item":null}"#, 20, "an item"), (#"{"user":"u"}"#, 1, "an item"),
    (#"{"x":[1,2},"user":"u","item":"i"}"#, 10, "a comma or a closing bracket"),
  ])
  func malformed(_ line: String, _ column: Int, _ expected: String) throws {
    let file = try TemporaryFile("log.jsonl", "{\"user\":\"u\",\"item\":\"i\"}\n\(line)\n")
    let error = try #require(throws: DataError.self) { try LogRow.read(file.path) }
    guard case .malformed(file.path, 2, column, let wanted, _) = error else {
      Issue.record("another error: \(error)")
      return
    }
    #expect(wanted.contains(expected))
  }

  @Test func nestedTooDeep() throws {
    let deep = String(repeating: "[", count: 100_000)
    let error = try #require(throws: DataError.self) {
      try LogRow.read("log.jsonl", "{\"user\":\"u\",\"item\":\"i\",\"x\":\(deep)\n")
    }
    #expect(error.description.contains("values nested at most 128 deep"))
  }
}
