import ClseqData
import ClseqForecast
import ClseqTestSupport
import Testing

@Suite struct DailyActivityTests {
  private static let day: Int64 = 86_400_000_000

  @Test func countsByDay() throws {
    let times = [-1, 0, Self.day - 1, 3 * Self.day, 1]
    let activity = try DailyActivity(times: times)
    #expect(activity.firstDay == -1 && activity.counts == [1, 3, 0, 0, 1])
  }

  @Test func aUserUntilTheEndOfTheLog() throws {
    let rows = [("u", 0), ("v", 1), ("u", 1), ("v", 2), ("u", 1), ("v", 4)]
    let lines = rows.map { "\($0)\ti\t\($1 * 86_400)\n" }.joined()
    let file = try TemporaryFile(
      "log.inter", "user_id:token\titem_id:token\ttimestamp:float\n" + lines)
    let dataset = try SequenceDataset.load(path: file.path)
    let times = try #require(dataset.times)
    #expect(Array(times) == [0, 1, 1, 1, 2, 4].map { $0 * Self.day })
    #expect(try DailyActivity(dataset).counts == [1, 3, 1, 0, 1])
    #expect(try DailyActivity(dataset, user: 0).counts == [1, 2, 0, 0, 0])
    #expect(try DailyActivity(dataset, user: 1).counts == [1, 1, 0, 1])
  }

  @Test func timesThatHaveNoDays() throws {
    let untimed = try TemporaryFile("log.txt", "u a\nu b\nu c\n")
    let dataset = try SequenceDataset.load(path: untimed.path)
    #expect(throws: ForecastError.noTimes) { try DailyActivity(dataset) }
    #expect(throws: ForecastError.noTimes) { try DailyActivity(times: []) }
    #expect(throws: ForecastError.timeOutOfRange(days: 106_751_991)) {
      try DailyActivity(times: [0, .max])
    }
    #expect(throws: ForecastError.self) { try DailyActivity(times: [.min]) }
  }
}
