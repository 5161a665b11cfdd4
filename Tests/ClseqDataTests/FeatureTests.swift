import ClseqData
import ClseqTestSupport
import Foundation
import Testing

@Suite struct FeatureTests {
  /// Prepares a log of `user,item,time,end,price`, of one user unless said otherwise.
  private func prepare(
    _ lines: [String], missing: MissingValues = .error, _ change: (inout DatasetRules) -> Void
  ) throws -> SequenceDataset {
    let file = try TemporaryFile(
      "log.csv", "user,item,time,end_time,price\n" + lines.joined(separator: "\n") + "\n")
    var rules = DatasetRules()
    rules.features.requests = [FeatureRequest(FeatureColumn("price"))]
    change(&rules)
    let folder = try TemporaryFolder()
    _ = try SequenceDataset.prepare(
      path: file.path, options: ReadingOptions(missing: missing), rules: rules,
      to: folder.file("data"), version: "test")
    return try SequenceDataset.load(path: folder.file("data"))
  }

  /// Prices 4, 1 and 2 in the order of time; the file has them in another one.
  private let lines = ["u,a,100,160,2", "u,b,40,50,4", "u,c,70,75.5,1"]

  /// Numbers go with their events through ordering and cleaning, and lie in the file unscaled.
  @Test func numbersStayWithTheirEvents() throws {
    let other = ["v,a,1,1,7", "v,x,2,2,8", "v,b,3,3,9", "v,c,5,5,10"]
    let dataset = try prepare(zip(other, lines).flatMap { [$0, $1] } + other.suffix(1)) {
      $0.cleaning.dropsDuplicates = true
      $0.cleaning.minItemEvents = 2
    }
    #expect(dataset.users[0] == "v" && dataset.features.map(\.request.name) == ["price"])
    #expect(Array(dataset.events.features[0]) == [7, 9, 10, 4, 1, 2])
  }

  /// Two weeks after 1970-01-01, a Thursday, at 10 o'clock; then a Monday.
  @Test func numbersAreDerivedFromTimes() throws {
    let day = 86_400
    let times = [14 * day + 36_000, 18 * day + 3_599, 18 * day + 3_600]
    let lines = times.map { "u,\($0),\($0),\($0 + 90),1" }
    let dataset = try prepare(lines) {
      $0.features.requests = [.duration, .gap, .hour, .weekday].map {
        FeatureRequest(derived: $0, .none)
      }
    }
    let numbers = dataset.events.features.map { Array($0) }
    #expect(numbers[0] == [90, 90, 90])
    #expect(numbers[1][0].isNaN && numbers[1][1...] == [Double(times[1] - times[0]), 1])
    #expect(numbers[2] == [10, 0, 1] && numbers[3] == [3, 0, 0])
  }

  @Test func recognizedColumnsAndTheDuration() throws {
    let file = try TemporaryFile(
      "log.csv", "用户ID,商品ID,开始时间,结束时间,互动次数\nu,a,10,15,1\nu,b,20,21,2\nu,c,30,36,3\n")
    let folder = try TemporaryFolder()
    let manifest = try SequenceDataset.prepare(
      path: file.path, rules: DatasetRules(), to: folder.file("data"), version: "test")
    #expect(manifest.features.map(\.request.name) == ["互动次数", "duration"])
    let dataset = try SequenceDataset.load(path: folder.file("data"))
    #expect(dataset.events.features.map { Array($0) } == [[1, 2, 3], [5, 1, 6]])
    #expect(dataset.features == manifest.features)
  }

  @Test func scales() throws {
    let expected: [(FeatureScaling, [Double])] = [
      (.none, [4, 1, 2]),
      // Mean 7/3, variance 14/9.
      (.standardize, [4, 1, 2].map { ($0 - 7.0 / 3) / (14.0 / 9).squareRoot() }),
      (.minMax, [1, 0, 1.0 / 3]),
      (.log, [5, 2, 3].map { Foundation.log($0) }),
    ]
    for (scaling, values) in expected {
      let dataset = try prepare(lines) {
        $0.features.requests = [FeatureRequest(FeatureColumn("price"), scaling)]
      }
      let feature = dataset.features[0]
      #expect(feature.missingCount == 0 && feature.clippedTo == nil)
      for (number, value) in zip(dataset.events.features[0], values) {
        #expect(abs(Double(feature.scaled(number)) - value) < Tolerance.scaledFeature)
      }
    }
  }

  /// A missing number counts for the mean: 0 when standardised.
  @Test func missingNumbersAreFilled() throws {
    let dataset = try prepare(["u,a,1,1,3", "u,b,2,2,", "u,c,3,3,5"], missing: .fill) { _ in }
    #expect(dataset.features[0].missingCount == 1 && dataset.features[0].mean == 4)
    #expect(dataset.events.features[0][1].isNaN)
    #expect(dataset.events.features[0].map(dataset.features[0].scaled) == [-1, 0, 1])
  }

  /// Of the numbers 1 … 100 a tenth is clipped at each end: to the 10th and the 90th.
  @Test func outliersAreClipped() throws {
    let lines = (1...100).map { "u,i\($0),\($0),\($0),\($0 * 37 % 101)" }
    let dataset = try prepare(lines) {
      $0.features.requests = [FeatureRequest(FeatureColumn("price"), .minMax)]
      $0.features.clippedShare = 0.1
    }
    let feature = dataset.features[0]
    #expect(feature.clippedTo == 10...90 && feature.least == 10 && feature.most == 90)
    #expect([-5, 10, 50, 90, 1e9].map(feature.scaled) == [0, 0, 0.5, 1, 1])
    #expect(Set(dataset.events.features[0]) == Set((1...100).map { Double($0) }))
  }

  /// New data are scaled by the statistics of the old, whatever their own are.
  @Test func statisticsOfAnotherDataset() throws {
    let first = try prepare(lines) { _ in }
    let second = try prepare(["u,a,1,1,70", "u,b,2,2,80", "u,c,3,3,90"]) {
      $0.features.requests = nil
      $0.features.known = first.features
    }
    #expect(second.features == first.features)
    #expect(Array(second.events.features[0]) == [70, 80, 90])
  }

  /// Several places at once, of the widest spans too.
  @Test func orderStatisticsAreThoseOfTheSortedNumbers() throws {
    let random = (0..<500).map { sin(Double($0)) * pow(10.0, Double($0 % 9 - 4)) }
    for numbers: [Double] in [random, [-1, -2, 0, 0, 3], [5], [-.infinity, .infinity, 0]] {
      let sorted = numbers.sorted()
      let ranks = [0, 0.01, 0.25, 0.5, 0.9, 1].map { Int($0 * Double(sorted.count - 1)) }
      let found = OrderStatistic.numbers(at: ranks) { take in numbers.forEach(take) }
      #expect(found == ranks.map { sorted[$0] })
      #expect(OrderStatistic.numbers(at: [0, sorted.count]) { numbers.forEach($0) } == nil)
    }
    let widest: [Int64] = [.max, .min, 0, -1, .max - 1, .min + 1, 1 << 48]
    let found = OrderStatistic.values(at: Array(widest.indices)) { widest.forEach($0) }
    #expect(found == widest.sorted())
  }

  @Test func whatTheLogLacks() throws {
    let file = try TemporaryFile("log.csv", "user,item\nu,a\nu,b\nu,c\n")
    for origin in [FeatureRequest.Origin.duration, .gap, .hour, .weekday] {
      var rules = DatasetRules()
      rules.features.requests = [FeatureRequest(derived: origin)]
      let folder = try TemporaryFolder()
      #expect(
        throws: DataError.lacks(
          path: file.path, what: origin == .duration ? "end times" : "times",
          purpose: "the \(origin.rawValue) of events")
      ) {
        try SequenceDataset.prepare(
          path: file.path, rules: rules, to: folder.file("data"), version: "test")
      }
      #expect(try folder.names().isEmpty)
    }
  }

  @Test(arguments: ["feature-0.bin", "sessions.bin", "labels.bin", "types.bin", "types.txt"])
  func aDamagedColumnIsRefused(name: String) throws {
    let file = try TemporaryFile(
      "log.csv",
      "user,item,time,price,session_id,rating,event_type\n"
        + (1...4).map { "u,\($0),\($0),\($0),s,3,view\n" }.joined())
    let folder = try TemporaryFolder()
    var rules = DatasetRules()
    rules.features.requests = [FeatureRequest(FeatureColumn("price"))]
    _ = try SequenceDataset.prepare(
      path: file.path, rules: rules, to: folder.file("data"), version: "test")
    let path = folder.file("data/\(name)")
    var bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
    bytes[bytes.count / 2] ^= 1
    try Data(bytes).write(to: URL(filePath: path))
    #expect(
      throws: DataError.damaged(
        path: path, reason: "its bytes are not those that were written")
    ) { try SequenceDataset.load(path: folder.file("data")) }
  }

  /// Rows that wait in files come back to their events.
  @Test(arguments: [1, 1_000])
  func spilledNumbers(memoryBudget: Int) throws {
    let lines = (0..<3_000).map { "\($0 % 70),i\($0 % 13),\($0 * 7 % 1_000),\(Double($0) / 4)\n" }
    let file = try TemporaryFile("log.csv", "user,item,time,price\n" + lines.joined())
    var rules = DatasetRules()
    rules.features.requests = [
      FeatureRequest(FeatureColumn("price")), FeatureRequest(derived: .gap),
    ]
    let folder = try TemporaryFolder()
    let datasets = try [1 << 28, memoryBudget].enumerated().map { index, budget in
      _ = try SequenceDataset.prepare(
        path: file.path, rules: rules, to: folder.file("data\(index)"), version: "test",
        memoryBudget: budget)
      return try SequenceDataset.load(path: folder.file("data\(index)"))
    }
    #expect(datasets[0].events.features[0] == datasets[1].events.features[0])
    #expect(datasets[0].items == datasets[1].items && datasets[0].features == datasets[1].features)
    #expect(datasets[0].events.features[0].count == 3_000)
  }
}
