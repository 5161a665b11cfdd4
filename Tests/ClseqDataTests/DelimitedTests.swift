import ClseqData
import ClseqTestSupport
import Testing

@Suite struct DelimitedTests {
  @Test(arguments: [
    "user_id,item_id\nann,tea\nbob,jam\n", "\u{FEFF}user_id,item_id\r\nann,tea\r\nbob,jam\r\n",
    "user_id,item_id\nann,tea\nbob,jam", "user_id,item_id\nann,tea\nbob,jam\n\n\n",
    "\"user_id\",\"item_id\"\n\"ann\",tea\nbob,\"jam\"\n",
    "x,user_id,y,item_id,z\n,ann,\"1,2\",tea,\n\"\",bob,\"\n\",jam,\"a\"\"b\"\n",
    " user_id , item_id \nann,tea\nbob,jam\n",
  ])
  func csv(_ text: String) throws {
    #expect(try LogRow.read("log.csv", text) == [LogRow("ann", "tea"), LogRow("bob", "jam")])
  }

  @Test func quotedFields() throws {
    let text =
      "user_id,item_id\n\"a,b\",\"say \"\"hi\"\"\"\n\"line\rone\",\" two \"\n"
      + "\"\"\"\",\"a,\"\"b\"\nc,d\n"
    #expect(
      try LogRow.read("log.csv", text) == [
        LogRow("a,b", "say \"hi\""), LogRow("line\rone", " two "), LogRow("\"", "a,\"b"),
        LogRow("c", "d"),
      ])
  }

  @Test func tsv() throws {
    let text = "user_id\titem_id\ttime\nann\tgreen tea\t7\nbob\t\"a b\t8\n"
    #expect(
      try LogRow.read("log.tsv", text) == [
        LogRow("ann", "green tea", 7_000_000), LogRow("bob", "\"a b", 8_000_000),
      ])
  }

  /// Fields of every length around the eight bytes that are looked at at once.
  @Test(arguments: 0..<20)
  func fieldsOfAnyLength(_ length: Int) throws {
    let fill = String(repeating: "x", count: length)
    let text = "a,user_id,b,item_id\n\(fill),u\(fill),\(fill),i\(fill)\n,u,\(fill),i\n"
    #expect(
      try LogRow.read("log.csv", text) == [LogRow("u\(fill)", "i\(fill)"), LogRow("u", "i")])
  }

  @Test func withoutHeader() throws {
    var options = ReadingOptions(format: .csv, hasHeader: false)
    options.columns = ColumnMapping([.user: "3", .item: "1", .time: "2"])
    #expect(
      try LogRow.read("log.csv", "tea,7,ann\njam,8,bob\n", options) == [
        LogRow("ann", "tea", 7_000_000), LogRow("bob", "jam", 8_000_000),
      ])
  }

  /// Many quoted records of several lines, over the borders of the reader's buffer.
  @Test func manyRecordsOfSeveralLines() throws {
    let count = 40_000
    let records = (0..<count).map { "\"u\($0 % 97)\",\"i,\"\"\($0 % 1_013)\"\"\",\"\n\"\r\n" }
    let rows = try LogRow.read("log.csv", "user,item,text\n" + records.joined())
    #expect(rows.count == count)
    #expect(
      rows.enumerated().allSatisfy {
        $1 == LogRow("u\($0 % 97)", "i,\"\($0 % 1_013)\"")
      })
  }

  @Test func movieLensDat() throws {
    let rows = try LogRow.read("ratings.dat", "1::1193::5::978300760\n2::a:b::4::978300761\n")
    #expect(
      rows == [
        LogRow("1", "1193", 978_300_760_000_000), LogRow("2", "a:b", 978_300_761_000_000),
      ])
  }

  /// The old files are Latin-1; what is UTF-8 stays as it is.
  @Test func movieLensDatInLatin1() throws {
    let bytes =
      Array("1::".utf8) + [0x41, 0xE9, 0xFF] + Array("::5::978300760\n1::Aé::4::978300761\n".utf8)
    let file = try TemporaryFile("ratings.dat", bytes: bytes)
    #expect(try LogRow.read(file.path).map(\.item) == ["Aéÿ", "Aé"])
  }

  @Test(arguments: ["u.data", "log.txt"])
  func movieLensTab(_ name: String) throws {
    let options = ReadingOptions(format: name == "u.data" ? nil : .movieLensTab)
    let text = "196\t242\t3\t881250949\n186\t302\t3\t891717742\n"
    #expect(
      try LogRow.read(name, text, options) == [
        LogRow("196", "242", 881_250_949_000_000), LogRow("186", "302", 891_717_742_000_000),
      ])
  }

  @Test func movieLensCSV() throws {
    let text = "userId,movieId,rating,timestamp\n1,296,5.0,1147880044\n"
    #expect(try LogRow.read("ratings.csv", text) == [LogRow("1", "296", 1_147_880_044_000_000)])
  }
}
