import ClseqData
import ClseqShop
import ClseqTestSupport
import Testing

@Suite struct ShopWritingTests {
  private let log: ShopLog

  init() throws {
    log = try ShopLog(
      users: 1_200, items: 1_100, eventsPerUser: 1...40, seed: 4,
      traits: .days(366, hasSeasons: true))
  }

  private func text(_ log: ShopLog, _ format: ShopLog.TextFormat) -> String {
    var bytes: [UInt8] = []
    log.write(as: format) { bytes += $0 }
    return String(decoding: bytes, as: UTF8.self)
  }

  @Test(arguments: [
    (ShopLog.TextFormat.inter, "user_id:token\titem_id:token\tevent_type:token\ttimestamp:float"),
    (.csv, "user_id,item_id,event_type,timestamp"), (.chineseCSV, "用户ID,商品ID,行为类型,时间戳"),
  ])
  func linesSayWhatHappened(_ format: ShopLog.TextFormat, _ header: String) {
    let separator = format == .inter ? "\t" : ","
    var expected = header + "\n"
    for user in 0..<log.userCount {
      for event in log.events(of: user) {
        let fields = ["u\(user + 1)", "i\(event.item + 1)", event.kind.rawValue, "\(event.time)"]
        expected += fields.joined(separator: separator) + "\n"
      }
    }
    #expect(text(log, format) == expected)
  }

  @Test(arguments: [ShopLog.TextFormat.csv, .chineseCSV])
  func csvIsTheSameDataset(_ format: ShopLog.TextFormat) throws {
    let file = try TemporaryFile("shop.csv", bytes: nil)
    try log.write(to: file.path, as: format)
    let (read, made) = (try SequenceDataset.load(path: file.path), try log.dataset())
    #expect(read.items == made.items && read.offsets == made.offsets && read.times == made.times)
    #expect(read.users == made.users && read.vocabulary == made.vocabulary)
    #expect(read.source.format == .csv)
    var stream = try InteractionStream(path: file.path)
    let first = try #require(try stream.next())
    let kind = stream.eventTypes[Int(try #require(first.eventType))]
    #expect(kind == log.events(of: 0)[0].kind.rawValue)
  }
}
