import Clseq
import ClseqTestSupport
import Foundation
import Testing

/// The worked examples of README and docs, as written there but for sizes that make them short.
@Suite struct WorkedExampleTests {
  private static let short = [
    "--epochs", "2", "--hidden-size", "24", "--max-length", "12", "--batch-size", "32",
  ]
  private static let small = ["--users", "200", "--items", "100"]

  /// Runs a command line that a page holds, cut at blanks.
  ///
  /// - Parameter more: Options that make it short.
  @discardableResult private func run(
    _ line: String, of page: Page, _ more: [String] = [], in folder: TemporaryFolder
  ) throws -> Program.Result {
    #expect(page.commands.contains("clseq \(line)"), "\(page.name) has no 'clseq \(line)'")
    let words = line.replacing("'", with: "").split(separator: " ").map(String.init)
    let result = try Program.run(words + more, in: folder.path)
    #expect(result.status == 0, "\(line): \(result.errors)")
    return result
  }

  private func lines(_ name: String, in folder: TemporaryFolder) throws -> [Substring] {
    try String(contentsOfFile: folder.file(name), encoding: .utf8).split(separator: "\n")
  }

  @Test func fiveMinutes() throws {
    let (page, folder) = (try Page("README.md"), try TemporaryFolder())
    try run(
      "generate shop.inter --users 2000 --items 500 --seed 7", of: page, Self.small, in: folder)
    #expect(try run("inspect shop.inter", of: page, in: folder).output.contains("gini"))
    try run("train shop.inter --model markov --run runs/markov", of: page, in: folder)
    try run("train shop.inter --run runs/first", of: page, Self.short, in: folder)
    let compared = try run("compare runs/first runs/markov", of: page, in: folder)
    #expect(compared.output.contains("NDCG@10"))
    try run("predict runs/first shop.inter --top 3 -o next.csv", of: page, in: folder)
    #expect(try lines("next.csv", in: folder).count == 601)
    let ranked = try run("recommend runs/first --history i1,i2 --top 3", of: page, in: folder)
    #expect(ranked.output.split(separator: "\n").count == 5)
    try run("report runs/first", of: page, in: folder)
    let runs = try run("runs --sort NDCG@10", of: page, in: folder)
    #expect(runs.output.contains("markov") && runs.output.contains("first"))
  }

  @Test func typesOfNextEventsFromChineseHeaders() throws {
    let (page, folder) = (try Page("docs/tasks.md"), try TemporaryFolder())
    try run(
      "generate shop.csv --typed --data-format csv --headers chinese", of: page, Self.small,
      in: folder)
    #expect(try lines("shop.csv", in: folder)[0] == "用户ID,商品ID,行为类型,时间戳")
    let trained = try run(
      "train shop.csv --task next-event-type --run types", of: page, Self.short, in: folder)
    #expect(trained.output.contains("accuracy") && trained.output.contains("constant"))
    let predicted = try run("predict types shop.csv -o types.csv", of: page, in: folder)
    #expect(predicted.output.isEmpty)
    let lines = try lines("types.csv", in: folder)
    #expect(lines.count == 201 && lines[0].contains("probability"))
  }

  /// Ratings of small numbers of users and items, a line each.
  private func ratings(_ line: (_ user: Int, _ item: Int, _ rating: Int, _ time: Int) -> String)
    -> String
  {
    var numbers = TestNumbers(seed: 9)
    let items = numbers.indices(60 * 20, below: 200)
    return items.enumerated().map { row, item in
      line(1 + row / 20, 1 + Int(item), 1 + (Int(item) + row) % 5, 880_000_000 + 977 * row)
    }.joined()
  }

  @Test func clicks() throws {
    let (page, folder) = (try Page("docs/tasks.md"), try TemporaryFolder())
    try FileManager.default.createDirectory(
      atPath: folder.file("ml-100k"), withIntermediateDirectories: true)
    _ = try folder.write(ratings { "\($0)\t\($1)\t\($2)\t\($3)\n" }.utf8, to: "ml-100k/u.data")
    let short = ["--epochs", "2", "--max-length", "12", "--batch-size", "32"]
    let train = "train ml-100k/u.data --task click --target 'label>=4'"
    let trained = try run("\(train) --run clicks", of: page, short, in: folder)
    #expect(trained.output.contains("GAUC"))
    try run("\(train) --model din --run clicks-din", of: page, short, in: folder)
    let compared = try run("compare clicks clicks-din", of: page, in: folder)
    #expect(compared.output.contains("AUC"))
  }

  /// Purchases in CDNOW's format: customer, day, quantity, amount.
  private func sales() -> String {
    var numbers = TestNumbers(seed: 4)
    var text = ""
    for customer in 1...300 {
      var day = Int(numbers.indices(1, below: 100)[0])
      for _ in 0...Int(numbers.indices(1, below: 6)[0]) where day < 540 {
        let date = "2021\(String(format: "%02d%02d", 1 + day / 46, 1 + day % 28))"
        let quantity = 1 + Int(numbers.indices(1, below: 4)[0])
        text += " \(customer) \(date) \(quantity)  \(quantity * 12).50\n"
        day += 5 + Int(numbers.indices(1, below: 150)[0])
      }
    }
    return text
  }

  @Test func churnAndValue() throws {
    let (page, folder) = (try Page("docs/tasks.md"), try TemporaryFolder())
    _ = try folder.write(sales().utf8, to: "CDNOW_master.txt")
    let conversion = try #require(page.commands.first { $0.hasPrefix("awk ") })
    let converted = try #require(
      try Program.runIfInstalled("sh", ["-c", conversion], in: folder.path))
    #expect(converted.status == 0, "\(converted.errors)")
    let features = "--event-features quantity:log,amount:log"
    let churn = try run(
      "train cdnow.csv --task classify --target churn --horizon 90d --model gru \(features) --run churn",
      of: page, Self.short, in: folder)
    #expect(churn.output.contains("AUC"))
    let value = try run(
      "train cdnow.csv --task regress --target future-sum:amount --horizon 90d --model gru "
        + "--loss mae \(features) --run value", of: page, Self.short, in: folder)
    #expect(value.output.contains("RMSE"))
    try run("predict churn cdnow.csv -o churn.csv", of: page, in: folder)
    let lines = try lines("churn.csv", in: folder)
    #expect(lines.count > 250 && lines[0] == "user,moment,until,target,probability")
  }

  @Test func dailyActivity() throws {
    let (page, folder) = (try Page("docs/tasks.md"), try TemporaryFolder())
    try run(
      "generate shop.inter --users 5000 --seasons", of: page,
      ["--users", "300", "--items", "200", "--days", "80"], in: folder)
    let forecast = try run(
      "forecast shop.inter --model state-space --horizon 7", of: page, in: folder)
    #expect(forecast.output.contains("95 % interval") && forecast.output.contains("model  level"))
    let tested = try run(
      "forecast shop.inter --model all --backtest 28", of: page, ["--backtest", "2"], in: folder)
    #expect(tested.output.contains("seasonal-naive"))
  }

  @Test func aTrainedModelInUse() throws {
    let (page, folder) = (try Page("docs/predicting.md"), try TemporaryFolder())
    let header = "user_id:token\titem_id:token\ttimestamp:float\n"
    _ = try folder.write((header + ratings { "\($0)\t\($1)\t\($3)\n" }).utf8, to: "ml-100k.inter")
    let titles = (1...200).map { "\($0)\tFilm number \($0)\n" }.joined()
    _ = try folder.write(
      "item_id:token\tmovie_title:token_seq\n\(titles)".utf8, to: "ml-100k.item")
    try run(
      "train ml-100k.inter --items ml-100k.item --max-length 200 --run runs/ml-100k", of: page,
      Self.short, in: folder)
    try run("predict runs/ml-100k ml-100k.inter --top 3 -o next.csv", of: page, in: folder)
    #expect(try lines("next.csv", in: folder).count == 181)
    let ranked = try run(
      "recommend runs/ml-100k --history 50,172,181 --top 5", of: page, in: folder)
    #expect(ranked.output.contains("title") && ranked.output.contains("Film number"))
    let explained = try run(
      "explain runs/ml-100k --user 5 --events 8 --top 3 --plot why.svg", of: page, in: folder)
    #expect(explained.output.contains("attention"))
  }

  @Test func anAccountThatIsTakenOver() throws {
    let (page, folder) = (try Page("docs/anomaly.md"), try TemporaryFolder())
    let small = ["--users", "200", "--items", "400"]
    let events = "--min-events 20 --max-events 100"
    try run(
      "generate shop.inter --users 6000 --days 366 \(events)", of: page, small, in: folder)
    try run(
      "train shop.inter --max-length 100 --split-by user --epochs 40 --patience 4 --run runs/shop",
      of: page, Self.short, in: folder)
    try run(
      "generate later.inter --users 6000 --anomalies 0.03 \(events) --labels later.user", of: page,
      small, in: folder)
    let found = try run(
      "anomaly runs/shop later.inter --aggregate change --labels later.user --top 5", of: page,
      in: folder)
    #expect(found.output.contains("least likely") && found.output.contains("takeover"))
  }

  private static let readers = ["torch", "safetensors", "yaml"]

  @Test(
    .enabled(if: readers.allSatisfy(TestPython.has), "no Python with torch: name it by TEST_PYTHON")
  )
  func aRunLoadedInPyTorch() throws {
    let (page, folder) = (try Page("docs/formats.md"), try TemporaryFolder())
    #expect(page.commands.contains("Examples/LoadInPyTorch/load_run.py runs/first i1,i2"))
    let script = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../Examples/LoadInPyTorch/load_run.py").standardized.path
    #expect(try Program.run(["generate", "shop.inter"] + Self.small, in: folder.path).status == 0)
    for model in ["transformer", "bert4rec", "lstm", "gru"] {
      let options = ["--model", model, "--run", model] + Self.short
      #expect(try Program.run(["train", "shop.inter"] + options, in: folder.path).status == 0)
      let ranked = try Program.run(
        ["recommend", model, "--history", "i1,i2", "--seen", "allow"], in: folder.path)
      let items = ranked.output.split(separator: "\n").dropFirst(2)
        .map { $0.split(separator: " ")[1] }
      let loaded = try TestPython.run([script, model, "i1,i2"], in: folder.path)
      let text = String(decoding: loaded.output, as: UTF8.self)
      #expect(text.split(separator: "\n").map { $0.split(separator: " ")[0] } == items, "\(model)")
    }
  }
}
