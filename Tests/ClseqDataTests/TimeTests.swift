import ClseqData
import Testing

@Suite struct TimeTests {
  private func times(
    _ texts: [String], _ format: TimeFormat = .automatic
  ) throws -> [Int64?] {
    let lines = texts.map { "u,i,\"\($0)\"\n" }.joined()
    return try LogRow.read("log.csv", "user,item,time\n" + lines, ReadingOptions(times: format))
      .map(\.time)
  }

  /// 2021-03-15 10:00:00 UTC.
  private static let morning: Int64 = 1_615_802_400_000_000

  @Test(arguments: [
    "1615802400", "1615802400.0", "1.6158024e9", "1615802400000", "1615802400000000",
    "1615802400000000000", "2021-03-15T10:00:00Z", "2021-03-15T10:00", "2021-03-15 10:00:00",
    "2021-03-15 10:00:00 UTC", "2021-03-15T10:00:00.000", "2021-03-15T18:00:00+08:00",
    "2021-03-15T18:00:00+0800", "2021-03-15T05:30:00,000000000-04:30", "2021-03-15T02:00:00-08",
    "20210315100000",
  ])
  func recognized(_ text: String) throws {
    #expect(try times([text]) == [Self.morning])
  }

  @Test(arguments: [
    ("20210315", 1_615_766_400_000_000), ("2021-03-15", 1_615_766_400_000_000),
    ("19000101", -2_208_988_800_000_000), ("21001231", 4_133_894_400_000_000),
    // No date: these are seconds.
    ("20211315", 20_211_315_000_000), ("18991231", 18_991_231_000_000), ("0", 0),
    ("-2", -2_000_000),
    ("1.25", 1_250_000), ("99999999999", 99_999_999_999_000_000),
    ("100000000000", 100_000_000_000_000), ("0001-01-01", -62_135_596_800_000_000),
    ("9999-12-31T23:59:59.999999", 253_402_300_799_999_999), ("2000-02-29", 951_782_400_000_000),
    ("1970-01-01T00:00:00.1234567", 123_456), ("1969-12-31T23:59:59.5Z", -500_000),
  ])
  func value(_ text: String, _ expected: Int64) throws {
    #expect(try times([text]) == [expected])
  }

  /// The first time that is not zero tells the unit of all.
  @Test func oneUnitForTheLog() throws {
    #expect(
      try times(["0", "1615802400000", "0", "1e12"])
        == [0, Self.morning, 0, 1_000_000_000_000_000])
  }

  @Test(arguments: [
    ("s", "1615802400", morning), ("s", "253402300799", 253_402_300_799_000_000),
    ("s", "-62135596800", -62_135_596_800_000_000), ("ms", "5", 5_000), ("us", "5", 5),
    ("ns", "5999", 5),
    ("iso8601", "2021-03-15T10:00", morning), ("yyyymmdd", "18991231", -2_209_075_200_000_000),
    ("%d.%m.%Y %H:%M", "15.3.2021 10:00", morning), ("%Y%m%d%H%M%S", "20210315100000", morning),
    ("%Y年%m月%d日 %H时", "2021年3月15日 10时", morning),
    ("%m/%d/%Y %H:%M:%S.%f%z", "03/15/2021 18:00:00.5+08:00", morning + 500_000),
    ("100%% %Y-%m-%d", "100% 1970-01-02", 86_400_000_000),
  ])
  func given(_ format: String, _ text: String, _ expected: Int64) throws {
    #expect(try times([text], TimeFormat(format)) == [expected])
  }

  @Test(arguments: ["%Y-%m", "%Y-%m-%d %", "%Y-%m-%d %p", "noon", ""])
  func unusablePattern(_ text: String) {
    #expect(throws: TimePattern.PatternError.self) { try TimeFormat(text) }
  }

  private static func oneUnit(_ noun: String, _ unit: String) -> String {
    "a time in \(noun), as the first ones are (--time-format \(unit) reads all numbers so)"
  }

  private static let anyTime = "a time (a number, ISO 8601 or yyyymmdd)"

  @Test(arguments: [
    (["noon"], "auto", anyTime), (["2021-02-29"], "auto", anyTime),
    (["2100-02-29"], "iso8601", "a time of ISO 8601"), (["2021-13-01"], "auto", anyTime),
    (["2021-03-15T24:00"], "auto", anyTime), (["2021-03-15T10"], "auto", anyTime),
    (["2021-03-15T10:00:00+25:00"], "auto", anyTime), (["2021-03-15x"], "auto", anyTime),
    (["0000-01-01"], "auto", anyTime), (["1,5"], "auto", anyTime),
    (["20210315", "20210230"], "auto", "a time yyyymmdd"),
    (["2021-03-15", "1615802400"], "auto", "a time of ISO 8601"),
    (["1615802400", "noon"], "auto", "a time that is a number"),
    (["1615802400", "1615802400000"], "auto", oneUnit("seconds", "s")),
    (["1", "99999999999999999999999999"], "auto", oneUnit("seconds", "s")),
    (["1615802400000", "5"], "auto", oneUnit("milliseconds", "ms")),
    (["1615802400000000", "1615802400000"], "auto", oneUnit("microseconds", "us")),
    (["253402300800"], "s", "a time in the years 1 to 9999, in seconds"),
    (["253402300800000"], "ms", "a time in the years 1 to 9999, in milliseconds"),
    (["-62135596801"], "s", "a time in the years 1 to 9999, in seconds"),
    (["9223372036854775807"], "ms", "a time in the years 1 to 9999, in milliseconds"),
    (["1e300"], "us", "a time in the years 1 to 9999, in microseconds"),
    (["31.2.2021"], "%d.%m.%Y", "a time like %d.%m.%Y"),
    (["15.3.2021 "], "%d.%m.%Y", "a time like %d.%m.%Y"),
  ])
  func refused(_ texts: [String], _ format: String, _ expected: String) throws {
    let error = try #require(throws: DataError.self) { try times(texts, TimeFormat(format)) }
    guard case .malformed(_, texts.count + 1, 5, expected, "\"\(texts[texts.count - 1])\"") = error
    else {
      Issue.record("another error: \(error)")
      return
    }
  }

  /// A proleptic calendar worked out day by day.
  @Test func everyDayOfFourCenturies() throws {
    let lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    var days: [String] = []
    for year in 1901...2300 {
      let isLeap = year % 4 == 0 && year % 100 != 0 || year % 400 == 0
      for month in 1...12 {
        for day in 1...(lengths[month - 1] + (month == 2 && isLeap ? 1 : 0)) {
          days.append("\(year)-\(month)-\(day)")
        }
      }
    }
    let read = try times(days, TimeFormat("%Y-%m-%d"))
    let first = try #require(read.first ?? nil)
    #expect(first == -2_177_452_800_000_000)
    #expect(read == days.indices.map { first + Int64($0) * 86_400_000_000 })
  }
}
