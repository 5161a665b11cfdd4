import ClseqData
import ClseqTestSupport
import Foundation
import Testing

/// What reading tells of a log, and what it refuses to guess.
@Suite struct ReadingReportTests {
  private func report(
    _ name: String, _ text: String, _ options: ReadingOptions = ReadingOptions()
  ) throws -> ReadingReport {
    let file = try TemporaryFile(name, text)
    var stream = try InteractionStream(path: file.path, options: options)
    while try stream.next() != nil {}
    return stream.report
  }

  private static let usual = "user_id,item_id,event,timestamp\n"

  @Test func columnsTimesAndFormat() throws {
    let report = try report(
      "log.csv", Self.usual + "u,a,view,1600000000\nu,b,view,1600086400\n")
    #expect(report.format == .csv && report.separator == "comma" && report.encoding == "UTF-8")
    #expect(
      report.columns.map { "\($0.role.rawValue)=\($0.name)" } == [
        "user=user_id", "item=item_id", "event_type=event", "time=timestamp",
      ])
    let times = try #require(report.times)
    #expect(times.format == "s" && times.first == "2020-09-13T12:26:40Z")
    #expect(times.last == "2020-09-14T12:26:40Z" && !times.areDays)
    #expect(report.records == 2 && report.leftOut.isEmpty && report.warnings.isEmpty)
    let text = report.summary
    #expect(text.contains("CSV") && text.contains("user user_id") && text.contains("seconds"))
  }

  /// Counts by reason, with the places of the first.
  @Test func whatIsLeftOut() throws {
    var options = ReadingOptions(tolerated: .count(2), missing: .drop)
    options.timesBetween = try TimeRange("2020-01-01..2020-12-31")
    let report = try report(
      "log.csv",
      Self.usual + "u,a,view,1600000000\n,b,view,1600000001\nu,c,view,soon\nu,d,view,1700000000\n"
        + "NULL,b,view,1600000001\nu,e,view,1609459199\n", options)
    #expect(report.records == 6)
    #expect(report.leftOut.map(\.rule) == ["missing", "skip-bad", "times-between"])
    #expect(report.leftOut.map(\.records) == [2, 1, 1])
    #expect(report.leftOut[0].reason == "no user_id")
    #expect(report.leftOut[0].places.map { $0.split(separator: ":")[1] } == ["3", "6"])
    #expect(report.leftOutLines[0].hasPrefix("left out 2 of 6 records: no user_id ("))
  }

  /// The report goes with a dataset, in memory and in its folder; users that are left out are told.
  @Test func datasetsKeepTheReport() throws {
    let folder = try TemporaryFolder()
    let log = try folder.write(
      Array((Self.usual + "a,x,v,1\na,y,v,2\na,z,v,3\nb,w,v,4\n").utf8), to: "log.csv")
    let read = try SequenceDataset.load(path: log)
    #expect(read.itemCount == 3 && read.source.reading?.events == 4)
    let leftOut = try #require(read.source.reading?.leftOut.last)
    #expect(leftOut.events == 1 && leftOut.users == 1 && leftOut.items == 1)
    _ = try SequenceDataset.prepare(
      path: log, rules: DatasetRules(), to: folder.file("data"), version: "test")
    let mapped = try SequenceDataset.load(path: folder.file("data"))
    #expect(mapped.itemCount == 3 && mapped.source.reading?.leftOut == [leftOut])
  }

  /// A unit is one for a column, in whichever order two stand; a given one takes all.
  @Test(arguments: ["1511544070000\nu,b,v,1511544080", "1511544070\nu,b,v,1511544080000"])
  func twoUnits(_ times: String) throws {
    let text = Self.usual + "u,a,v,\(times)\n"
    let error = try #require(throws: DataError.self) { try LogRow.read("log.csv", text) }
    guard case .malformed(_, 3, 7, let expected, _) = error else {
      Issue.record("another error: \(error)")
      return
    }
    #expect(expected.contains("seconds, as the first ones are"))
    let old = try LogRow.read(
      "log.csv", Self.usual + "u,a,v,1511544070000\nu,b,v,5\n",
      ReadingOptions(times: .epoch(.milliseconds)))
    #expect(old[1].time == 5_000)
  }

  @Test func timesThatCannotBeMeant() throws {
    let now = Int(Date().timeIntervalSince1970)
    let usual = "u,a,v,1600000000\nu,b,v,1600000001\nu,c,v,1600000002\n"
    func warnings(_ rows: String) throws -> [String] {
      try report("log.csv", Self.usual + rows).warnings
    }
    #expect(try warnings(usual).isEmpty)
    let excel = try warnings("u,a,v,43063.7\nu,b,v,43064.2\n")
    #expect(excel.count == 1 && excel[0].contains("2 of 2 times lie before 1990"))
    let stray = try warnings(usual + "u,d,v,81\n")
    #expect(stray.count == 1 && stray[0].contains("1 of 4") && stray[0].contains(":5)"))
    let late = try warnings(usual + "u,d,v,\(now + 864_000)\n")
    #expect(late.count == 1 && late[0].contains("in the future") && late[0].contains(":5)"))
    let days = try report("log.csv", "user,item,date,time_s\nu,a,2021-01-01,1\n")
    #expect(days.times?.areDays == true && days.warnings.isEmpty)
  }

  @Test func finerThanMicroseconds() throws {
    let text = Self.usual + "u,a,v,1700000000000000009\nu,b,v,1700000000000001008\n"
    #expect(
      try LogRow.read("log.csv", text).map(\.time) == [
        1_700_000_000_000_000, 1_700_000_000_000_001,
      ])
    #expect(try report("log.csv", text).warnings[0].contains("cut to microseconds"))
    let iso = Self.usual + "u,a,v,2021-03-15T10:00:00.123456789Z\n"
    #expect(try report("log.csv", iso).warnings.count == 1)
    let exact = Self.usual + "u,a,v,2021-03-15T10:00:00.123456000Z\n"
    #expect(try report("log.csv", exact).warnings.isEmpty)
  }

  @Test func idsThatCannotBeMeant() throws {
    let rounded = try report("log.csv", "user,item\n1.02E+12,a\n1.03e+12,b\n")
    #expect(rounded.warnings.count == 1 && rounded.warnings[0].contains("1.02E+12"))
    let types = try report("log.csv", "user,item,event\nu,a,buy\nu,b,BUY\n")
    #expect(types.warnings.count == 1 && types.warnings[0].contains("buy and BUY"))
    var rows = (0..<60).map { "0,i\($0)" }
    rows += (1...12).flatMap { user in (0..<3).map { "u\(user),i\($0)" } }
    let file = try TemporaryFile("log.csv", "user,item\n" + rows.joined(separator: "\n") + "\n")
    let warnings = try #require(try SequenceDataset.load(path: file.path).source.reading?.warnings)
    #expect(warnings.count == 1 && warnings[0].contains("one user, 0, has 60 of 96 events"))
  }
}

/// Values that are none, and blanks that belong to none.
@Suite struct MissingValueTests {
  @Test(arguments: ["", "NULL", "null", "NaN", "nan", "None", "N/A", "n/a", "\\N", "<NA>", "  "])
  func noUser(_ user: String) throws {
    let text = "user,item\nu1,a\n\(user),b\nu2,c\n"
    let error = try #require(throws: DataError.self) { try LogRow.read("log.csv", text) }
    guard case .malformed(_, 3, _, let expected, _) = error else {
      Issue.record("another error: \(error)")
      return
    }
    #expect(expected.hasPrefix("a user"))
    let rows = try LogRow.read("log.csv", text, ReadingOptions(missing: .drop))
    #expect(rows == [LogRow("u1", "a"), LogRow("u2", "c")])
  }

  @Test func typesAndLabels() throws {
    let text = "user,item,event,rating\nu,a,NULL,true\nu,b,view,False\nu,c,,None\n"
    #expect(try LogRow.read("log.csv", text).map(\.eventType) == [nil, "view", nil])
    let file = try TemporaryFile("log.csv", text)
    var stream = try InteractionStream(path: file.path)
    var labels: [Double?] = []
    while try stream.next() != nil { labels.append(stream.label) }
    #expect(labels == [1, 0, nil])
  }

  /// Blanks around a field are no part of it, those in quotes are.
  @Test func blanks() throws {
    let rows = try LogRow.read("log.csv", "user, item\nu1, a \n u1,\" a\"\n\"u1\",a\n")
    #expect(rows == [LogRow("u1", "a"), LogRow("u1", " a"), LogRow("u1", "a")])
    #expect(
      try LogRow.read("log.csv", "user,item,time\nu,a,2021-01-01 10:00:00 \n")[0].time
        == 1_609_495_200_000_000)
  }

  @Test func idsOfTwoLines() throws {
    for (name, text) in [
      ("log.csv", "user,item\nu,\"a\nb\"\n"), ("log.jsonl", #"{"user":"u\n1","item":"a"}"# + "\n"),
    ] {
      let error = try #require(throws: DataError.self) { try LogRow.read(name, text) }
      guard case .malformed(_, _, _, "an id in one line", _) = error else {
        Issue.record("another error: \(error)")
        return
      }
    }
  }
}

/// What no format fits clearly, and columns that are not guessed.
@Suite struct DoubtfulFormatTests {
  @Test(arguments: [
    #"[{"user_id":"u","item_id":"a"}]"#, "[\n{\n", "u1,i1\nu1,i2\n", "1, 24\n1, 25\n",
    "u1 i1 5 1500000000\nu2 i2 4 1500000001\n", "u1 i1 1500000000\nu2 i2 1500000001\n",
    "u1 i1 3\nu1 i2 4\n", "a;b\nc;d\n", "u|i\nu|j\n",
  ])
  func textThatIsNone(_ text: String) throws {
    let file = try TemporaryFile("log.txt", text)
    let error = try #require(throws: DataError.self) { try LogRow.read(file.path) }
    guard case .unrecognized(let path, let line, _) = error else {
      Issue.record("another error: \(error)")
      return
    }
    #expect(path == file.path && text.hasPrefix(line))
  }

  @Test(arguments: [
    ("u1 i1\nu1 i2\n", LogFormat.events), ("u1 i1 i2\nu2 i1 i2 i3\n", .sequences),
    ("1 193 661\n2 1357 3068\n", .sequences), ("u1 i1 2\nu1 i2\n", .events),
  ])
  func textThatIsClear(_ text: String, _ format: LogFormat) throws {
    let file = try TemporaryFile("log.txt", text)
    #expect(try InteractionStream(path: file.path).format == format)
  }

  /// In TSV a quote is text.
  @Test func quotesInTSV() throws {
    let text = "user\titem\ttitle\nu\ta\t\"Weird Al\nu\tb\t12\"\nu\t\"c\tx\n"
    #expect(try LogRow.read("log.tsv", text).map(\.item) == ["a", "b", "\"c"])
  }

  @Test(arguments: ["1,2\n1,3\n", "7,2017-01-01\n8,2017-01-02\n"])
  func noHeader(_ text: String) throws {
    let columns = ColumnMapping([.user: String(text.first ?? " "), .item: "2"])
    let error = try #require(throws: DataError.self) {
      try LogRow.read("log.csv", text, ReadingOptions(columns: columns, tolerated: .share(1)))
    }
    guard case .malformed(_, 1, 1, "a first line of names of columns", _) = error else {
      Issue.record("another error: \(error)")
      return
    }
  }

  /// Columns are those of many lines: what the first object lacks is no column less.
  @Test func keysOfLaterObjects() throws {
    let text =
      #"{"user":"u","item":"x"}"# + "\n" + #"{"user":"u","item":"y","timestamp":30}"# + "\n"
      + #"{"user":"u","item":"z","timestamp":10}"# + "\n"
    let error = try #require(throws: DataError.self) { try LogRow.read("log.jsonl", text) }
    guard case .malformed(_, 1, _, let expected, _) = error else {
      Issue.record("another error: \(error)")
      return
    }
    #expect(expected.hasPrefix("a time"))
    #expect(
      try LogRow.read("log.jsonl", text, ReadingOptions(missing: .drop)) == [
        LogRow("u", "y", 30_000_000), LogRow("u", "z", 10_000_000),
      ])
  }

  /// A key behind the lines that are looked at is an error where it would have been a column.
  @Test func keysOfLaterShards() throws {
    let folder = try TemporaryFolder()
    _ = try folder.write(Array(#"{"user":"u","item":"x","n":1}"#.utf8), to: "a.jsonl")
    let late = #"{"user":"u","item":"y","other":2}"# + "\n" + #"{"user":"u","item":"y","ts":3}"#
    _ = try folder.write(Array(late.utf8), to: "b.jsonl")
    let error = try #require(throws: DataError.self) { try LogRow.read(folder.path) }
    guard
      case .malformed(folder.file("b.jsonl"), 2, _, "a key that the first lines have", _) = error
    else {
      Issue.record("another error: \(error)")
      return
    }
    var options = ReadingOptions(missing: .drop)
    options.columns[.time] = "ts"
    #expect(try LogRow.read(folder.path, options) == [LogRow("u", "y", 3_000_000)])
  }

  /// The column that tells day and time of day is taken; a day and a time of day in two are refused.
  @Test func severalColumnsOfTimes() throws {
    let fine = "user,item,date,hourmin,time_ms\nu,a,20171124,2033,1511555591123\n"
    #expect(try LogRow.read("log.csv", fine)[0].time == 1_511_555_591_123_000)
    let split = "user,item,date,time\nu,a,20171124,2033\nu,b,20171125,815\n"
    let error = try #require(throws: DataError.self) {
      try LogRow.read("log.csv", split, ReadingOptions(tolerated: .share(1)))
    }
    guard case .malformed(_, 2, 1, let expected, let found) = error else {
      Issue.record("another error: \(error)")
      return
    }
    #expect(expected.contains("--time-column date") && found.contains("time"))
    var options = ReadingOptions()
    options.columns[.time] = "date"
    #expect(try LogRow.read("log.csv", split, options).count == 2)
    let object = #"{"user":"u","item":"a","date":"2021-01-02","time":1609459200}"#
    #expect(try LogRow.read("log.jsonl", object + "\n")[0].time == 1_609_459_200_000_000)
  }
}

/// Ranges of times, and how many faults are tolerated.
@Suite struct ReadingLimitTests {
  @Test func ranges() throws {
    let range = try TimeRange("2021-01-01..2021-01-02")
    #expect(range.contains(1_609_459_200_000_000) && range.contains(1_609_631_999_999_999))
    #expect(!range.contains(1_609_459_199_999_999) && !range.contains(1_609_632_000_000_000))
    #expect(try TimeRange("2021-01-01T12:00:00Z..").contains(.max))
    #expect(try TimeRange("..2021-01-01T12:00:00Z").contains(.min))
    for text in ["", "..", "2021-01-01", "2021-02-30..", "2021-01-02..2021-01-01", "a..b..c"] {
      #expect(throws: TimeRange.Malformed.self) { try TimeRange(text) }
    }
  }

  @Test func shares() throws {
    #expect(FaultTolerance("all") == .share(1) && FaultTolerance("1%") == .share(0.01))
    #expect(FaultTolerance("10") == .count(10) && FaultTolerance("0.5%")?.text == "0.5%")
    for text in ["", "-1", "0%", "101%", "x", "1.5"] { #expect(FaultTolerance(text) == nil) }
    let text = "user,item\nu,a\nu\nu,b\nu,c\n"
    #expect(try LogRow.read("log.csv", text, ReadingOptions(tolerated: .share(0.25))).count == 3)
    let error = try #require(throws: DataError.self) {
      try LogRow.read("log.csv", text, ReadingOptions(tolerated: .share(0.2)))
    }
    #expect("\(error)".contains("1 of 4 records are malformed, the first: "))
  }
}
