import ClseqMetrics
import ClseqTestSupport
import Testing

@Suite struct YesNoCurvesTests {
  /// Ten cases, of which four are positive.
  private let cases = OrderedCases(
    scores: [0.05, 0.15, 0.25, 0.35, 0.45, 0.55, 0.65, 0.75, 0.85, 0.95],
    labels: [false, false, false, true, false, false, true, false, true, true])

  @Test func thresholds() throws {
    let curves = try #require(YesNoCurves(cases))
    #expect(curves.cases == 10 && curves.positives == 0.4)
    let half = curves.thresholds[4]
    #expect(half.threshold == 0.5 && half.flagged == 0.5)
    #expect(half.precision == 0.6 && half.recall == 0.75 && half.f1 == 2 * 3 / 9.0)
    let most = curves.thresholds[8]
    #expect(most.flagged == 0.1 && most.precision == 1 && most.recall == 0.25)
    // From 0.65 on: three of four, F1 of 6/8; from 0.85 on: two of two, F1 of 4/6.
    #expect(curves.bestF1.threshold == 0.65 && curves.bestF1.f1 == 0.75)
    let none = try #require(YesNoCurves(OrderedCases(scores: [0.2, 0.3], labels: [true, false])))
    #expect(none.thresholds[4].precision == nil && none.thresholds[4].recall == 0)
  }

  @Test func curveAndDeciles() throws {
    let curves = try #require(YesNoCurves(cases))
    #expect(curves.precisionRecall.map(\.recall) == [0.25, 0.5, 0.75, 1])
    #expect(curves.precisionRecall.map(\.precision) == [1, 1, 0.75, 4.0 / 7])
    #expect(curves.deciles.map(\.decile) == Array(1...10))
    #expect(curves.deciles.prefix(3).map(\.lift) == [2.5, 2.5, 0])
    #expect(curves.deciles.map(\.captured).last == 1 && curves.deciles[0].captured == 0.25)
    #expect(curves.calibration.map(\.cases).reduce(0, +) == 10)
  }

  @Test func whatHasNone() {
    #expect(YesNoCurves(OrderedCases(scores: [0.1, 0.2], labels: [true, true])) == nil)
    #expect(YesNoCurves(OrderedCases(scores: [], labels: [])) == nil)
    #expect(YesNoCurves(OrderedCases(scores: [0.1, .nan], labels: [true, false])) == nil)
  }
}
