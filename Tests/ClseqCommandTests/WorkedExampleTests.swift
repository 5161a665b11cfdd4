import Clseq
import ClseqTestSupport
import Foundation
import Testing

/// The README's worked examples, as written there but for sizes that make them short.
@Suite struct WorkedExampleTests {
  private static let short = [
    "--epochs", "2", "--hidden-size", "24", "--max-length", "12", "--batch-size", "32",
  ]

  /// Runs a command line of the README, cut at blanks.
  private func run(
    _ line: String, _ more: [String] = [], in folder: TemporaryFolder
  ) throws -> Program.Result {
    let result = try Program.run(
      line.split(separator: " ").map(String.init) + more, in: folder.path)
    #expect(result.status == 0, "\(line): \(result.errors)")
    return result
  }

  /// Purchases in CDNOW's format after the README's line of awk.
  private func writeSales(to folder: TemporaryFolder) throws {
    var numbers = TestNumbers(seed: 4)
    var text = "user_id,item_id,timestamp,quantity,amount\n"
    for customer in 1...300 {
      var day = Int(numbers.indices(1, below: 100)[0])
      for _ in 0...Int(numbers.indices(1, below: 6)[0]) where day < 540 {
        let date = "2021\(String(format: "%02d%02d", 1 + day / 46, 1 + day % 28))"
        let quantity = 1 + Int(numbers.indices(1, below: 4)[0])
        text += "\(customer),cd,\(date),\(quantity),\(quantity * 12).50\n"
        day += 5 + Int(numbers.indices(1, below: 150)[0])
      }
    }
    _ = try folder.write(text.utf8, to: "cdnow.csv")
  }

  @Test func typesOfNextEventsFromChineseHeaders() throws {
    let folder = try TemporaryFolder()
    _ = try run(
      "generate shop.csv --typed --data-format csv --headers chinese",
      ["--users", "200", "--items", "100"], in: folder)
    let header = try String(contentsOfFile: folder.file("shop.csv"), encoding: .utf8)
      .prefix { $0 != "\n" }
    #expect(header == "用户ID,商品ID,行为类型,时间戳")
    let trained = try run(
      "train shop.csv --task next-event-type --run types", Self.short, in: folder)
    #expect(trained.output.contains("accuracy") && trained.output.contains("constant"))
    let predicted = try run("predict types shop.csv --output types.csv", in: folder)
    #expect(predicted.output.isEmpty)
    let lines = try String(contentsOfFile: folder.file("types.csv"), encoding: .utf8)
      .split(separator: "\n")
    #expect(lines.count == 201 && lines[0].contains("probability"))
  }

  @Test func clicks() throws {
    let folder = try TemporaryFolder()
    _ = try run("generate shop.inter --typed", ["--users", "200", "--items", "100"], in: folder)
    let trained = try run(
      "train shop.inter --task click --target type=purchase --run clicks",
      ["--epochs", "2", "--max-length", "12", "--batch-size", "32"], in: folder)
    #expect(trained.output.contains("AUC"))
    let evaluated = try run("evaluate clicks", in: folder)
    #expect(evaluated.output.contains("click type=purchase"))
  }

  @Test func churnAndValue() throws {
    let folder = try TemporaryFolder()
    try writeSales(to: folder)
    let features = ["--event-features", "quantity:log,amount:log"] + Self.short
    let churn = try run(
      "train cdnow.csv --task classify --target churn --horizon 90d --model gru --run churn",
      features, in: folder)
    #expect(churn.output.contains("AUC"))
    let value = try run(
      "train cdnow.csv --task regress --target future-sum:amount --horizon 90d --model gru --run value",
      features, in: folder)
    #expect(value.output.contains("RMSE"))
    let predicted = try run("predict value cdnow.csv", in: folder)
    #expect(predicted.output.split(separator: "\n").count > 250)
  }
}
