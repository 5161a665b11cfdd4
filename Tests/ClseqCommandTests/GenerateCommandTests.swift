import Clseq
import ClseqTestSupport
import Foundation
import Testing

@Suite struct GenerateCommandTests {
  static let small = ["generate", "--users", "30", "--items", "40", "--max-events", "12"]

  @Test func numbersDecideTheBytes() throws {
    let first = try Program.run(Self.small)
    #expect(first.status == 0 && first.errors.isEmpty)
    #expect(try Program.run(Self.small).output == first.output)
    #expect(try Program.run(Self.small + ["--seed", "2"]).output != first.output)
  }

  @Test func filesHoldWhatIsPrinted() throws {
    let folder = try TemporaryFolder()
    let result = try Program.run(Self.small + ["log.inter"], in: folder.path)
    #expect(result.status == 0 && result.output.isEmpty)
    #expect(try folder.names() == ["log.inter"])
    let text = try String(contentsOfFile: folder.file("log.inter"), encoding: .utf8)
    #expect(text == (try Program.run(Self.small)).output)
    let dataset = try SequenceDataset.load(path: folder.file("log.inter"))
    #expect(dataset.userCount == 30)
  }

  @Test func nothingIsOverwritten() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(Array("mine".utf8), to: "log.inter")
    let result = try Program.run(Self.small + ["log.inter"], in: folder.path)
    #expect(result.status == 73)
    #expect(result.errors.contains("it exists"))
    #expect(try String(contentsOfFile: path, encoding: .utf8) == "mine")
  }

  @Test func labelsStandBesideTheLog() throws {
    let folder = try TemporaryFolder()
    let people = ["generate", "--users", "200", "--items", "60", "--max-events", "15"]
    let odd = ["--churners", "0.4", "--anomalies", "0.3", "--seasons", "--typed"]
    let result = try Program.run(
      people + odd + ["log.inter", "--labels", "log.user"], in: folder.path)
    #expect(result.status == 0 && result.output.isEmpty, "\(result.errors)")
    var traits = ShopTraits()
    traits.hasSeasons = true
    (traits.churnerShare, traits.anomalyShare) = (0.4, 0.3)
    traits.hasTypedEvents = true
    let log = try ShopLog(users: 200, items: 60, eventsPerUser: 5...15, traits: traits)
    try log.write(to: folder.file("same.inter"))
    try log.writeLabels(to: folder.file("same.user"))
    for suffix in ["inter", "user"] {
      let texts = try ["log", "same"].map {
        try String(contentsOfFile: folder.file("\($0).\(suffix)"), encoding: .utf8)
      }
      #expect(texts[0] == texts[1] && !texts[0].isEmpty)
    }
    let again = try Program.run(people + odd + ["--labels", "log.user"], in: folder.path)
    #expect(again.status == 73 && again.output.isEmpty)
  }

  @Test func headersMayBeChinese() throws {
    let folder = try TemporaryFolder()
    let csv = Self.small + ["--data-format", "csv"]
    let result = try Program.run(csv + ["--headers", "chinese", "log.csv"], in: folder.path)
    #expect(result.status == 0, "\(result.errors)")
    let text = try String(contentsOfFile: folder.file("log.csv"), encoding: .utf8)
    #expect(text.hasPrefix("用户ID,商品ID,行为类型,时间戳\nu1,i"))
    let inter = try Program.run(Self.small).output
    let rows = text.split(separator: "\n").dropFirst()
    #expect(rows == inter.replacing("\t", with: ",").split(separator: "\n").dropFirst())
    let english = try Program.run(csv)
    #expect(english.output.hasPrefix("user_id,item_id,event_type,timestamp\nu1,i"))
  }

  @Test(arguments: [
    (["--headers", "chinese"], "--headers needs --data-format csv"),
    (["--churners", "1.5"], "a share of 1.5 churners"), (["--days", "3"], "3 days"),
    (["--seasons"], "a quarter of the 40 items"),
  ])
  func optionsThatDoNotFit(_ options: [String], _ message: String) throws {
    let result = try Program.run(Self.small + options)
    #expect(result.status == 64 && result.errors.contains(message), "\(result.errors)")
    #expect(result.output.isEmpty)
  }
}
