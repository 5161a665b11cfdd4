import ClseqMetrics
import ClseqTestSupport
import Testing

@Suite struct ClassMetricTests {
  private static let metrics: [any ClassMetric.Type] = [
    ClassPrecision.self, ClassRecall.self, ClassF1.self,
  ]

  @Test(arguments: ClassAveraging.allCases)
  func asInScikitLearn(_ averaging: ClassAveraging) throws {
    let golden = try MetricsGoldens.read().classification
    for type in Self.metrics {
      let metric = type.init(averaging)
      let value = try #require(
        metric.value(labels: golden.labels, predictions: golden.predictions))
      let expected = try #require(golden.values[metric.title])
      #expect(abs(value - expected) < Tolerance.probability, "\(metric.title)")
    }
  }

  @Test func accuracyAsInScikitLearn() throws {
    let golden = try MetricsGoldens.read().classification
    #expect(
      Accuracy().value(labels: golden.labels, predictions: golden.predictions)
        == golden.values[Accuracy().title])
  }

  /// a is predicted three times and twice rightly; c is predicted once and never a label.
  @Test func byHand() throws {
    let labels = ["a", "a", "b", "b", "a"]
    let predictions = ["a", "a", "a", "b", "c"]
    let confusion = Confusion(labels: labels, predictions: predictions)
    #expect(confusion.classes == ["a", "b", "c"])
    #expect(
      confusion["a"] == ClassCounts(truePositives: 2, falsePositives: 1, falseNegatives: 1))
    #expect(confusion["c"] == ClassCounts(falsePositives: 1))
    #expect(confusion["never"] == ClassCounts())
    #expect(ClassPrecision().value(confusion["a"]) == 2.0 / 3)
    #expect(ClassRecall().value(confusion["b"]) == 0.5)
    #expect(ClassF1().value(confusion["b"]) == 2.0 / 3)
    #expect(ClassF1().value(confusion["never"]) == 0)
    let macro = try #require(ClassF1(.macro).value(confusion))
    #expect(abs(macro - (2.0 / 3 + 2.0 / 3 + 0) / 3) < Tolerance.mean)
    #expect(ClassRecall(.micro).value(confusion) == 0.6)
    #expect(Accuracy().value(labels: labels, predictions: predictions) == 0.6)
  }

  @Test func ofNothing() {
    #expect(Accuracy().value(labels: [Int](), predictions: [Int]()) == nil)
    #expect(ClassF1().value(labels: [Int](), predictions: [Int]()) == nil)
  }

  @Test func titles() {
    #expect(ClassF1().title == "macro F1" && ClassRecall(.micro).title == "micro recall")
  }

  @Test func unequalCounts() async {
    await #expect(processExitsWith: .failure) {
      _ = Accuracy().value(labels: [1, 2], predictions: [1])
    }
    await #expect(processExitsWith: .failure) {
      _ = ClassF1().value(labels: [1, 2], predictions: [1, 2, 3])
    }
  }
}
