import ClseqMetrics
import ClseqTestSupport
import Testing

@Suite struct CatalogueMetricTests {
  /// Among the first two: item 1 twice, items 2 and 4 once, items 3 and 5 never.
  private let lists: [[Int32]] = [[1, 2, 3], [4, 1, 5]]

  @Test func coverage() {
    #expect(Coverage(at: 2).value(lists: lists, itemCount: 5) == 0.6)
    #expect(Coverage(at: 3).value(lists: lists, itemCount: 5) == 1)
    #expect(Coverage(at: 9).value(lists: lists, itemCount: 10) == 0.5)
  }

  /// Ascending 0, 0, 1, 1, 2: (−4·0 − 2·0 + 0·1 + 2·1 + 4·2) / (5 · 4).
  @Test func gini() {
    #expect(Gini(at: 2).value(lists: lists, itemCount: 5) == 0.5)
    #expect(Gini.coefficient(of: [3, 3, 3, 3]) == 0)
    #expect(Gini.coefficient(of: [0, 0, 0, 8]) == 0.75)
    #expect(Gini.coefficient(of: [1, 2, 3, 4]) == Gini.coefficient(of: [40, 10, 30, 20]))
    #expect(Gini.coefficient(of: [0, 0]) == nil && Gini.coefficient(of: []) == nil)
  }

  /// Shares 1/2, 1/4, 1/8, 1/8 give 1, 2, 3 and 3 bits; item 5 has no event and counts as one.
  @Test func novelty() {
    let popularity = [4, 2, 1, 1, 0]
    #expect(
      Novelty(at: 2, popularity: popularity).value(lists: lists, itemCount: 5)
        == (1 + 2 + 3 + 1) / 4.0)
    #expect(
      Novelty(at: 3, popularity: popularity).value(lists: lists, itemCount: 5)
        == (1 + 2 + 3 + 3 + 1 + 3) / 6.0)
    #expect(Novelty(at: 1, popularity: [0, 0]).value(lists: [[1]], itemCount: 2) == 0)
  }

  @Test func ofNothing() {
    let metrics: [any CatalogueMetric] = [
      Coverage(at: 5), Gini(at: 5), Novelty(at: 5, popularity: [1, 2]),
    ]
    #expect(metrics.map(\.title) == ["coverage@5", "Gini@5", "novelty@5"])
    for metric in metrics {
      #expect(metric.value(lists: [[Int]](), itemCount: 2) == nil, "\(metric.title)")
      #expect(metric.value(lists: [[Int](), []], itemCount: 2) == nil, "\(metric.title)")
    }
  }

  @Test func foreignItems() async {
    await #expect(processExitsWith: .failure) {
      _ = Coverage(at: 2).value(lists: [[0]], itemCount: 5)
    }
    await #expect(processExitsWith: .failure) {
      _ = Coverage(at: 2).value(lists: [[6]], itemCount: 5)
    }
  }

  @Test func unequalCounts() async {
    await #expect(processExitsWith: .failure) {
      _ = Novelty(at: 1, popularity: [1, 2]).value(lists: [[1]], itemCount: 3)
    }
  }
}
