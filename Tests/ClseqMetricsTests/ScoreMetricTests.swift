import ClseqMetrics
import ClseqTestSupport
import Testing

@Suite struct ScoreMetricTests {
  private static let metrics: [any ScoreMetric] = [
    AUC(), LogLoss(), CalibrationError(binCount: 7), CalibrationError(binCount: 10, .equalMass),
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
    let grouped = GAUC().result(
      labels: golden.labels, scores: golden.scores, groups: golden.groups)
    let expected = try #require(golden.values[GAUC.name])
    #expect(abs(try #require(grouped.value) - expected) < Tolerance.probability)
    #expect(grouped.groupCount == golden.groupCount)
    #expect(grouped.skippedGroupCount == golden.skippedGroupCount)
    #expect(grouped.impressionCount == golden.impressionCount)
  }

  /// The second golden has no bins of equal mass, because scikit-learn splits ties otherwise.
  @Test func goldensHoldEveryMetric() throws {
    let names = Set(try MetricsGoldens.read().scores[0].values.keys)
    #expect(names == Set(Self.metrics.map(\.title) + [GAUC.name]))
  }

  /// Of the six pairs of a positive with a negative, two are won and two are tied.
  @Test func areaByHand() {
    let labels = [true, false, true, false, false]
    #expect(AUC().value(labels: labels, scores: [2, 1, 1, 1, 3]) == 3.0 / 6)
    #expect(AUC().value(labels: labels, scores: [3, 1, 2, 0, 2.5]) == 5.0 / 6)
    #expect(AUC().value(labels: labels, scores: [0, 0, 0, 0, 0]) == 0.5)
    #expect(AUC().value(labels: [true, false], scores: [.infinity, -.infinity]) == 1)
  }

  /// (2 · 1 + 3 · 1/2) / 5: areas of groups 1 and 2 by impressions. Group 3 is all alike.
  @Test func groupedAreaByHand() {
    let result = GAUC().result(
      labels: [true, false, true, false, false, true, true],
      scores: [0.9, 0.1, 0.5, 0.4, 0.6, 0.2, 0.3], groups: ["1", "1", "2", "2", "2", "3", "3"])
    #expect(result.value == 0.7)
    #expect(result.groupCount == 2 && result.skippedGroupCount == 1)
    #expect(result.impressionCount == 5)
    let none = GAUC().result(labels: [true], scores: [1], groups: [1])
    #expect(none.value == nil && none.skippedGroupCount == 1 && none.impressionCount == 0)
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
    let error = CalibrationError(binCount: 2)
    let labels = [true, false, true, true]
    let bins = error.bins(labels: labels, scores: [0, 0.5, 0.75, 7])
    #expect(bins.map(\.count) == [2, 2])
    #expect(bins.map(\.meanProbability) == [0.25, 0.875])
    #expect(bins.map(\.positiveShare) == [0.5, 1])
    #expect(error.value(labels: labels, scores: [0, 0.5, 0.75, 7]) == (0.25 + 0.125) / 2)
    #expect(error.bins(labels: [true], scores: [0.9]).count == 1)
  }

  /// Two bins of six cases would be split among the four equal scores, which stay together.
  @Test func binsOfEqualMass() {
    let scores = [0.1, 0.2, 0.2, 0.2, 0.2, 0.9]
    let labels = [false, true, false, false, false, true]
    let bins = CalibrationError(binCount: 2, .equalMass).bins(labels: labels, scores: scores)
    #expect(bins.map(\.count) == [5, 1])
    let reversed = CalibrationError(binCount: 2, .equalMass)
      .bins(labels: labels.reversed(), scores: scores.reversed())
    #expect(reversed.map(\.positiveShare) == bins.map(\.positiveShare))
    let more = CalibrationError(binCount: 20, .equalMass).bins(labels: labels, scores: scores)
    #expect(more.map(\.count) == [1, 4, 1])
  }

  @Test func whatIsNotDefined() throws {
    for metric in Self.metrics {
      #expect(metric.value(labels: [], scores: []) == nil, "\(metric.title)")
      let value = try #require(metric.value(labels: [true, false], scores: [.nan, 0.5]))
      #expect(value.isNaN, "\(metric.title)")
    }
    #expect(AUC().value(labels: [true, true], scores: [0, 1]) == nil)
    #expect(CalibrationError().bins(labels: [true], scores: [.nan]).map(\.meanProbability) == [0])
  }

  @Test func unequalCounts() async {
    await #expect(processExitsWith: .failure) {
      _ = AUC().value(labels: [true, false], scores: [1])
    }
    await #expect(processExitsWith: .failure) {
      _ = GAUC().result(labels: [true, false], scores: [1, 0], groups: [1])
    }
  }
}
