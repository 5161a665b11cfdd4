import ClseqMetrics
import ClseqTestSupport
import Foundation
import Testing

@Suite struct RecalibrationTests {
  /// A model whose logits are twice too large and too high: the true logit is half the logit minus
  /// one.
  private func sample(_ count: Int, seed: UInt64) -> (logits: [Double], labels: [Bool]) {
    var numbers = TestNumbers(seed: seed)
    let logits = numbers.doubles(count).map { 4 * $0 }
    let draws = numbers.doubles(count).map { ($0 + 2) / 4 }
    return (logits, zip(logits, draws).map { $1 < 1 / (1 + exp(1 - $0 / 2)) })
  }

  @Test func plattFindsTheLine() throws {
    let (logits, labels) = sample(20_000, seed: 1)
    let curve = try #require(Recalibration(.platt, logits: logits, labels: labels))
    #expect(abs(curve.slope - 0.5) < 0.05 && abs(curve.intercept + 1) < 0.1, "\(curve)")
  }

  @Test(arguments: Recalibration.Method.allCases)
  func otherCasesAreCalibrated(_ method: Recalibration.Method) throws {
    let (logits, labels) = sample(5_000, seed: 2)
    let curve = try #require(Recalibration(method, logits: logits, labels: labels))
    let (others, truths) = sample(5_000, seed: 3)
    func error(_ probabilities: [Double]) throws -> Double {
      try #require(CalibrationError().value(labels: truths, scores: probabilities))
    }
    let before = try error(others.map { 1 / (1 + exp(-$0)) })
    let after = try error(others.map { curve.probability(logit: $0) })
    #expect(before > 0.1 && after < 0.03, "\(before), \(after)")
    // A higher probability never becomes lower than another.
    let ascending = others.sorted().map { curve.probability(logit: $0) }
    #expect(zip(ascending, ascending.dropFirst()).allSatisfy { $0 <= $1 })
    #expect(ascending.allSatisfy { $0 > 0 && $0 < 1 })
    #expect(curve.probability(logit: .nan).isNaN)
    #expect(curve.probability(logit: .infinity) > curve.probability(logit: -.infinity))
  }

  /// Pools 0.2 and 0.3, whose labels decrease.
  @Test func isotonicByHand() throws {
    let probabilities = [0.1, 0.2, 0.3, 0.4]
    let curve = try #require(
      Recalibration(
        .isotonic, logits: probabilities.map { log($0 / (1 - $0)) },
        labels: [false, true, false, true]))
    #expect(curve.outputs == [0.125, 0.5, 0.875])
    #expect(abs(curve.probability(logit: log(0.25 / 0.75)) - 0.5) < Tolerance.probability)
    #expect(abs(curve.probability(logit: 0) - 0.875) < Tolerance.probability)
  }

  /// The line is finite for labels that a threshold separates.
  @Test func partedLabels() throws {
    let curve = try #require(
      Recalibration(.platt, logits: [-2, -1, 1, 2], labels: [false, false, true, true]))
    #expect(curve.slope.isFinite && curve.slope > 0)
    #expect(Recalibration(.platt, logits: [1, 2], labels: [true, true]) == nil)
    #expect(Recalibration(.isotonic, logits: [1, .nan], labels: [true, false]) == nil)
  }

  @Test func isWrittenAndRead() throws {
    let (logits, labels) = sample(100, seed: 5)
    for method in Recalibration.Method.allCases {
      let curve = try #require(Recalibration(method, logits: logits, labels: labels))
      let bytes = try JSONEncoder().encode(curve)
      #expect(try JSONDecoder().decode(Recalibration.self, from: bytes) == curve)
    }
  }
}
