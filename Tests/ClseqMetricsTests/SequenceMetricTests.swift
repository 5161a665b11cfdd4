import ClseqMetrics
import Foundation
import Testing

/// Metrics of generated sequences, computed by hand.
@Suite struct SequenceMetricTests {
  @Test func editDistanceIsTheShareOfWhatDiffers() {
    let metric = EditDistance()
    #expect(metric.value(generated: [[1, 2, 3]], truths: [[1, 2, 3]]) == 0)
    #expect(metric.value(generated: [[1, 2, 3]], truths: [[4, 5, 6]]) == 1)
    // One insertion and one deletion in four; one of three left out.
    #expect(metric.value(generated: [[1, 2, 3, 4]], truths: [[2, 3, 4, 5]]) == 0.5)
    #expect(metric.value(generated: [[1, 2, 3, 4], []], truths: [[2, 3, 4, 5], [1]]) == 0.75)
    #expect(metric.value(generated: [], truths: []) == nil)
  }

  @Test func bleuIsTheMeanOfPrecisions() throws {
    let metric = BLEU()
    #expect(metric.title == "BLEU-4")
    #expect(metric.value(generated: [[1, 2, 3, 4]], truths: [[1, 2, 3, 4]]) == 1)
    #expect(metric.value(generated: [[1, 2, 3, 5]], truths: [[1, 2, 3, 4]]) == 0)
    #expect(metric.value(generated: [], truths: []) == nil)
    // Runs of 1: 4 of 5, of 2: 3 of 4, of 3: 2 of 3, of 4: 1 of 2.
    let value = try #require(
      metric.value(generated: [[1, 2, 3, 4, 9]], truths: [[1, 2, 3, 4, 5]]))
    #expect(abs(value - pow(4.0 / 5 * 3 / 4 * 2 / 3 * 1 / 2, 0.25)) < 1e-12)
  }

  /// As in the source, section 2.1: a true item counts once.
  @Test func trueRunsCountOnce() {
    let value = BLEU(upTo: 1).value(
      generated: [[7, 7, 7, 7, 7, 7, 7]], truths: [[7, 1, 2, 3, 7, 4]])
    #expect(abs((value ?? 0) - 2.0 / 7) < 1e-12)
  }

  @Test func shortSequencesArePenalised() {
    let value = BLEU(upTo: 2).value(generated: [[1, 2, 3]], truths: [[1, 2, 3, 4, 5, 6]])
    #expect(abs((value ?? 0) - exp(-1.0)) < 1e-12)
  }
}
