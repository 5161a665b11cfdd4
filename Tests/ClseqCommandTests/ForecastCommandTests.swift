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

  @Test func choosesTheComponentsOfASeason() throws {
    let folder = try shop()
    let arguments = ["forecast", "log.inter", "--model", "state-space", "--horizon", "7"]
    let table = try Program.run(arguments, in: folder.path)
    #expect(table.status == 0, "\(table.errors)")
    #expect(table.output.contains("\nmodel  level"))
    let forecast = try document(
      try Program.run(arguments + ["--format", "json"], in: folder.path).output)
    #expect(forecast["model"] as? String == "state-space" && forecast["order"] == nil)
    #expect((forecast["variances"] as? [String: Any])?.count == 4)
    #expect((forecast["components"] as? String)?.hasPrefix("level") == true)
    #expect((forecast["forecast"] as? [Any])?.count == 7)
  }

  @Test func aNetworkOfASeedGivesTheSameBytes() throws {
    let folder = try shop()
    let arguments = ["forecast", "log.inter", "--model", "lstm", "--format", "json"]
    let first = try Program.run(arguments, in: folder.path)
    #expect(first.status == 0, "\(first.errors)")
    #expect(try Program.run(arguments, in: folder.path).output == first.output)
    let other = try Program.run(arguments + ["--seed", "1"], in: folder.path)
    #expect(other.output != first.output)
    let forecast = try document(first.output)
    #expect(forecast["seed"] as? Int == 42 && forecast["model"] as? String == "lstm")
    #expect((forecast["forecast"] as? [Any])?.count == 14)
  }

  @Test func comparesModelsByForecastsOfThePast() throws {
    let folder = try shop()
    let arguments = [
      "forecast", "log.inter", "--horizon", "3", "--backtest", "2", "--device", "reference",
    ]
    let table = try Program.run(arguments + ["--model", "all"], in: folder.path)
    #expect(table.status == 0, "\(table.errors)")
    for text in ["MASE", "arima", "state-space", "lstm", "seasonal-naive", "in 95 % interval"] {
      #expect(table.output.contains(text), "\(table.output)")
    }
    // Sixty days: the forecasts are of 27 to 29 February, and of a day earlier.
    #expect(table.output.contains("3 days from each of 2 origins, 2024-02-26 to 2024-02-27"))
    let pair = ["--model", "state-space,arima", "--format", "json"]
    let report = try document(try Program.run(arguments + pair, in: folder.path).output)
    let models = try #require(report["models"] as? [[String: Any]])
    #expect(
      models.compactMap { $0["model"] as? String } == ["state-space", "arima", "seasonal-naive"])
    #expect(models.allSatisfy { $0["days"] as? Int == 6 })
    #expect(report["origins"] as? Int == 2 && report["horizon"] as? Int == 3)
  }

  @Test func warnsOfSettingsOfNetworks() throws {
    let folder = try shop()
    let result = try Program.run(["forecast", "log.inter", "--seed", "3"], in: folder.path)
    #expect(result.status == 0 && result.errors.contains("--seed has no effect"))
    let network = try Program.run(
      ["forecast", "log.inter", "--seed", "3", "--model", "lstm", "--horizon", "1"],
      in: folder.path)
    #expect(network.status == 0 && !network.errors.contains("no effect"))
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
      (["log.inter", "--model", "prophet"], 64, "--model is 'prophet'"),
      (["log.inter", "--model", "arima,arima"], 64, "--model is 'arima,arima'"),
      (["log.inter", "--model", ""], 64, "--model is ''"),
      (["log.inter", "--model", "all"], 64, "several models need --backtest"),
      (["log.inter", "--backtest", "0"], 64, "--backtest is 0"),
      (["log.inter", "--backtest", "34"], 65, "expected 1 to 33 origins"),
      (["log.inter", "--backtest", "1", "--horizon", "47"], 65, "fewer than 14 days"),
      (["short.inter", "--model", "state-space"], 65, "at least 7 values, found 3"),
      (["short.inter", "--model", "lstm"], 65, "at least 56 values, found 3"),
      (["log.inter", "--model", "lstm", "--backtest", "20"], 65, "at least 56 values"),
      (["log.inter", "--model", "lstm", "--device", "abacus"], 69, "abacus"),
    ] {
      let result = try Program.run(["forecast"] + arguments, in: folder.path)
      #expect(result.status == Int32(status), "\(arguments): \(result.errors)")
      #expect(result.errors.contains(message), "\(result.errors)")
      #expect(result.output.isEmpty)
    }
  }
}
