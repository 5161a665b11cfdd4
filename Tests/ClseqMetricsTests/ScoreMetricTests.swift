import ClseqMetrics
import ClseqTestSupport
import Testing

@Suite struct ScoreMetricTests {
  private static let metrics: [any ScoreMetric] = [
    AUC(), AveragePrecision(), CalibrationError(binCount: 7, .equalWidth),
    CalibrationError(binCount: 10),
  ]

  /// Distinct scores, and scores with ties and certain errors.
  @Test(arguments: [0, 1])
  func asInScikitLearn(_ golden: Int) throws {
    let golden = try MetricsGoldens.read().scores[golden]
    for metric in Self.metrics {
      guard let expected = golden.values[metric.title] else { continue }
      let value = try #require(metric.value(labels: golden.labels, scores: golden.scores))
      #expect(abs(value - expected) < Tolerance.probability, "\(metric.title)")
    }
    let loss = try #require(LogLoss().value(labels: golden.labels, scores: golden.scores))
    let expectedLoss = try #require(golden.values[LogLoss.name])
    #expect(abs(loss - expectedLoss) < Tolerance.probability)
    let grouped = GAUC(
      scores: golden.scores, labels: golden.labels, users: golden.groups.map { Int32($0) },
      userCount: 40)
    let expected = try #require(golden.values[GAUC.name])
    #expect(abs(try #require(grouped.value) - expected) < Tolerance.probability)
    #expect(grouped.countedUsers == golden.groupCount)
    #expect(grouped.skippedUsers == golden.skippedGroupCount)
    #expect(grouped.impressionCount == golden.impressionCount)
  }

  /// The second golden has no bins of equal mass, because scikit-learn splits ties otherwise.
  @Test func goldensHoldEveryMetric() throws {
    let names = Set(try MetricsGoldens.read().scores[0].values.keys)
    #expect(names == Set(Self.metrics.map(\.title) + [GAUC.name, LogLoss.name]))
  }

  /// Of the six pairs of a positive with a negative, two are won and two are tied.
  @Test func areaByHand() {
    let labels = [true, false, true, false, false]
    #expect(AUC().value(labels: labels, scores: [2, 1, 1, 1, 3]) == 3.0 / 6)
    #expect(AUC().value(labels: labels, scores: [3, 1, 2, 0, 2.5]) == 5.0 / 6)
    #expect(AUC().value(labels: labels, scores: [0, 0, 0, 0, 0]) == 0.5)
    #expect(AUC().value(labels: [true, false], scores: [.infinity, -.infinity]) == 1)
  }

  /// (2 · 1 + 3 · 1/2) / 5: areas of groups 1 and 2 by impressions. The labels of group 3 are all
  /// equal.
  @Test func groupedAreaByHand() {
    let grouped = GAUC(
      scores: [0.9, 0.1, 0.5, 0.4, 0.6, 0.2, 0.3],
      labels: [true, false, true, false, false, true, true], users: [0, 0, 1, 1, 1, 2, 2],
      userCount: 4)
    #expect(grouped.value == 0.7)
    #expect(grouped.countedUsers == 2 && grouped.skippedUsers == 1)
    #expect(grouped.impressionCount == 5)
    // The second user twice: (2 · 1 + 6 · 1/2) / 8.
    #expect(grouped.value([1, 2, 5, 1]) == 5.0 / 8)
    let none = GAUC(scores: [1], labels: [true], users: [0], userCount: 1)
    #expect(none.value == nil && none.skippedUsers == 1 && none.impressionCount == 0)
  }

  /// A user that counts twice is equivalent to two users with the same cases.
  @Test func countsAreRepeats() {
    var numbers = TestNumbers(seed: 4)
    let users = numbers.indices(120, below: 9)
    let scores = numbers.indices(120, below: 30).map { Double($0) / 30 }
    let labels = numbers.indices(120, below: 3).map { $0 == 0 }
    let counts: [Int32] = [2, 0, 1, 3, 1, 0, 1, 2, 1]
    let cases = OrderedCases(scores: scores, labels: labels, users: users, userCount: 9)
    let repeats = users.indices.flatMap { Array(repeating: $0, count: Int(counts[Int(users[$0])])) }
    for metric in Self.metrics {
      let repeated = metric.value(
        labels: repeats.map { labels[$0] }, scores: repeats.map { scores[$0] })
      let counted = metric.figure(of: cases).value(counts)
      #expect(counted != nil && abs((counted ?? 0) - (repeated ?? 1)) < Tolerance.probability)
    }
  }

  /// Thresholds 0.9, 0.5 and 0.1 flag 1, 3 and 4 cases with precisions 1, 2/3 and 1/2.
  @Test func averagePrecisionByHand() throws {
    let value = AveragePrecision().value(
      labels: [true, true, false, false], scores: [0.9, 0.5, 0.5, 0.1])
    #expect(abs(try #require(value) - 5.0 / 6) < Tolerance.mean)
    #expect(AveragePrecision().value(labels: [false], scores: [0.5]) == nil)
  }

  /// ln 2 twice, and 52 ln 2 for a certain error.
  @Test func logLossByHand() throws {
    let half = try #require(LogLoss().value(labels: [true, false], scores: [0.5, 0.5]))
    #expect(abs(half - 0.6931471805599453) < Tolerance.mean)
    for label in [true, false] {
      let wrong = try #require(LogLoss().value(labels: [label], scores: [label ? 0 : 1]))
      #expect(abs(wrong - 36.04365338911715) < Tolerance.probability)
      let right = try #require(LogLoss().value(labels: [label], scores: [label ? 1 : 0]))
      #expect(right >= 0 && right < Tolerance.mean)
    }
  }

  /// Bins (0, 1/2] and (1/2, 1]: 0.5 belongs to the first, and so does 0.
  @Test func binsOfEqualWidth() throws {
    let error = CalibrationError(binCount: 2, .equalWidth)
    let labels = [true, false, true, true]
    let bins = error.bins(OrderedCases(scores: [0, 0.5, 0.75, 7], labels: labels))
    #expect(bins.map(\.count) == [2, 2])
    #expect(bins.map(\.meanProbability) == [0.25, 0.875])
    #expect(bins.map(\.positiveShare) == [0.5, 1])
    #expect(error.value(labels: labels, scores: [0, 0.5, 0.75, 7]) == (0.25 + 0.125) / 2)
    #expect(error.bins(OrderedCases(scores: [0.9], labels: [true])).count == 1)
  }

  /// Two bins of six cases would be split among the four equal scores, which stay together.
  @Test func binsOfEqualMass() {
    let scores = [0.1, 0.2, 0.2, 0.2, 0.2, 0.9]
    let labels = [false, true, false, false, false, true]
    func bins(_ count: Int, _ scores: [Double], _ labels: [Bool]) -> [CalibrationError.Bin] {
      CalibrationError(binCount: count).bins(OrderedCases(scores: scores, labels: labels))
    }
    let two = bins(2, scores, labels)
    #expect(two.map(\.count) == [5, 1])
    #expect(
      bins(2, scores.reversed(), labels.reversed()).map(\.positiveShare)
        == two.map(\.positiveShare))
    #expect(bins(20, scores, labels).map(\.count) == [1, 4, 1])
  }

  /// 3,000 cases with probabilities below 0.06 are all in one bin of equal width.
  @Test func equalMassSeesRareClicks() throws {
    let scores = (0..<3_000).map { Double($0) / 50_000 }
    // The lower half clicks as often as the upper half should, and the other way round.
    let labels = (0..<3_000).map { $0 < 1_500 ? $0 % 22 == 0 : $0 % 67 == 0 }
    let wide = try #require(
      CalibrationError(binCount: 15, .equalWidth).value(labels: labels, scores: scores))
    let even = try #require(CalibrationError().value(labels: labels, scores: scores))
    #expect(wide < 0.002 && even > 0.02)
  }

  @Test func whatIsNotDefined() throws {
    for metric in Self.metrics {
      #expect(metric.value(labels: [], scores: []) == nil, "\(metric.title)")
      let value = try #require(metric.value(labels: [true, false], scores: [.nan, 0.5]))
      #expect(value.isNaN, "\(metric.title)")
    }
    #expect(AUC().value(labels: [true, true], scores: [0, 1]) == nil)
    #expect(
      CalibrationError().bins(OrderedCases(scores: [.nan], labels: [true]))
        .map(\.meanProbability) == [0])
  }

  @Test func unequalCounts() async {
    await #expect(processExitsWith: .failure) {
      _ = AUC().value(labels: [true, false], scores: [1])
    }
    await #expect(processExitsWith: .failure) {
      _ = GAUC(scores: [1, 0], labels: [true, false], users: [0], userCount: 1)
    }
  }
}
