import ClseqMetrics
import ClseqTestSupport
import Testing

@Suite struct ClassMetricTests {
  @Test func asInScikitLearn() throws {
    let golden = try MetricsGoldens.read().classification
    let labels = golden.labels.map { Int32($0) }
    let predictions = golden.predictions.map { Int32($0) }
    let value = try #require(
      ClassF1(labels: labels, predictions: predictions, classCount: 6).value)
    #expect(abs(value - (try #require(golden.values[ClassF1.name]))) < Tolerance.probability)
    #expect(
      Accuracy().value(labels: golden.labels, predictions: golden.predictions)
        == golden.values[Accuracy().title])
  }

  /// a is predicted three times, twice correctly; c is predicted once and is never a label.
  @Test func byHand() throws {
    let figure = ClassF1(
      labels: [0, 0, 1, 1, 0], predictions: [0, 0, 0, 1, 2], classCount: 4,
      users: [0, 0, 0, 1, 1], userCount: 2)
    let value = try #require(figure.value)
    #expect(abs(value - 4.0 / 9) < Tolerance.mean)
    // The second user twice: a has 0 hits, b two.
    #expect(figure.value([0, 2]) == 1.0 / 3)
    #expect(figure.value([0, 0]) == nil)
    #expect(
      Accuracy().value(labels: ["a", "a", "b", "b", "a"], predictions: ["a", "a", "a", "b", "c"])
        == 0.6)
  }

  @Test func ofCounts() {
    let counts = ClassCounts(truePositives: 2, falsePositives: 1, falseNegatives: 2)
    #expect(counts.precision == 2.0 / 3 && counts.recall == 0.5 && counts.f1 == 4.0 / 7)
    let none = ClassCounts()
    #expect(none.precision == 0 && none.recall == 0 && none.f1 == 0)
  }

  @Test func ofNothing() {
    #expect(Accuracy().value(labels: [Int](), predictions: [Int]()) == nil)
    #expect(ClassF1(labels: [], predictions: [], classCount: 2).value == nil)
  }

  @Test func unequalCounts() async {
    await #expect(processExitsWith: .failure) {
      _ = Accuracy().value(labels: [1, 2], predictions: [1])
    }
    await #expect(processExitsWith: .failure) {
      _ = ClassF1(labels: [1, 2], predictions: [1, 2, 0], classCount: 3)
    }
  }
}
