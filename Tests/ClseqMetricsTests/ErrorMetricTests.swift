import ClseqMetrics
import ClseqTestSupport
import Testing

@Suite struct ErrorMetricTests {
  private static let metrics: [any ErrorMetric] = [MAE(), RMSE()]

  @Test func asInScikitLearn() throws {
    let golden = try MetricsGoldens.read().errors
    for metric in Self.metrics {
      let value = try #require(
        metric.value(targets: golden.targets, predictions: golden.predictions))
      let expected = try #require(golden.values[metric.title])
      #expect(abs(value - expected) < Tolerance.probability * expected, "\(metric.title)")
    }
  }

  @Test func byHand() {
    let (targets, predictions) = ([1.0, 2, 3, 4], [2.0, 2, 0, 6])
    #expect(MAE().value(targets: targets, predictions: predictions) == 1.5)
    #expect(RMSE().value(targets: [1, 1], predictions: [4, -2]) == 3)
    for metric in Self.metrics { #expect(metric.value(targets: [], predictions: []) == nil) }
  }

  @Test func unequalCounts() async {
    await #expect(processExitsWith: .failure) {
      _ = MAE().value(targets: [1, 2], predictions: [1])
    }
  }
}
