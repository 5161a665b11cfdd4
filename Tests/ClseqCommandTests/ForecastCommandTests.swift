import Clseq
import ClseqTestSupport
import Foundation
import Testing

@Suite struct ForecastCommandTests {
  private func document(_ text: String) throws -> [String: Any] {
    let value = try JSONSerialization.jsonObject(with: Data(text.utf8))
    return try #require(value as? [String: Any])
  }

  /// A folder with the log of a shop over sixty days from 2024-01-01, seen until the last of them.
  private func shop() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    let arguments = ["log.inter", "--users", "600", "--items", "80", "--max-events", "20"]
    let made = try Program.run(
      ["generate"] + arguments + ["--days", "60", "--seasons"], in: folder.path)
    #expect(made.status == 0, "\(made.errors)")
    return folder
  }

  @Test func tellsTheDaysAfterTheLog() throws {
    let folder = try shop()
    let arguments = ["forecast", "log.inter", "--horizon", "5", "--interval", "80"]
    let table = try Program.run(arguments, in: folder.path)
    #expect(table.status == 0, "\(table.errors)")
    #expect(table.output.contains("80 % interval") && table.output.contains("ARIMA("))
    #expect(table.output.contains("\n2024-03-01 "))

    let forecast = try document(
      try Program.run(arguments + ["--format", "json"], in: folder.path).output)
    let days = try #require(forecast["forecast"] as? [[String: Any]])
    #expect(
      days.compactMap { $0["day"] as? String } == (1...5).map { "2024-03-0\($0)" })
    for day in days {
      let (mean, error) = (day["mean"] as? Double ?? .nan, day["standard_error"] as? Double ?? 0)
      let (lower, upper) = (day["lower"] as? Double ?? .nan, day["upper"] as? Double ?? .nan)
      // 1.2816 standard errors to either side hold 80 % of a normal distribution.
      #expect(abs((upper - lower) / 2 / error - 1.2816) < 1e-4)
      #expect(abs((upper + lower) / 2 - mean) < 1e-9)
    }
    #expect(forecast["days"] as? Int == 60 && forecast["first_day"] as? String == "2024-01-01")
    #expect(forecast["interval"] as? Double == 0.8 && forecast["user"] == nil)
    let dataset = try SequenceDataset.load(path: folder.file("log.inter"))
    #expect(forecast["events"] as? Int == dataset.source.eventCount)
    #expect(forecast["hash"] as? String == dataset.source.hash)
  }

  @Test func tellsTheDaysOfAUser() throws {
    let folder = try shop()
    let dataset = try SequenceDataset.load(path: folder.file("log.inter"))
    let user = try #require(
      (0..<dataset.userCount).max { dataset[$0].count < dataset[$1].count })
    let result = try Program.run(
      ["forecast", "log.inter", "--user", dataset.users[user], "--format", "json"],
      in: folder.path)
    #expect(result.status == 0, "\(result.errors)")
    let forecast = try document(result.output)
    #expect(forecast["user"] as? String == dataset.users[user])
    #expect(forecast["events"] as? Int == dataset[user].count)
    #expect((forecast["forecast"] as? [Any])?.count == 14)
  }

  @Test func saysWhyThereIsNoForecast() throws {
    let folder = try shop()
    _ = try folder.write(Array("u a\nu b\nu c\n".utf8), to: "untimed.txt")
    let rows = (0..<3).map { "u\ti\($0)\t\($0 * 86_400)\n" }.joined()
    let header = "user_id:token\titem_id:token\ttimestamp:float\n"
    _ = try folder.write(Array((header + rows).utf8), to: "short.inter")
    for (arguments, status, message) in [
      (["untimed.txt"], 65, "untimed.txt: the log has no times"),
      (["short.inter"], 65, "short.inter: 3 days of counts: "),
      (["short.inter", "--user", "u"], 65, "short.inter, user u: 3 days of counts: "),
      (["log.inter", "--user", "nobody"], 65, "found \"nobody\""),
      (["missing.csv"], 66, "missing.csv: no such file"),
      (["log.inter", "--horizon", "0"], 64, "--horizon is 0"),
      (["log.inter", "--interval", "100"], 64, "--interval is 100"),
    ] {
      let result = try Program.run(["forecast"] + arguments, in: folder.path)
      #expect(result.status == Int32(status), "\(arguments): \(result.errors)")
      #expect(result.errors.contains(message), "\(result.errors)")
      #expect(result.output.isEmpty)
    }
  }
}
