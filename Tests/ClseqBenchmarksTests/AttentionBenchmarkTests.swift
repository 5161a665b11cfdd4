import ClseqBenchmarks
import ClseqTestSupport
import Testing

@Suite struct AttentionBenchmarkTests {
  @Test(arguments: [TestBackend.reference, .cpu8])
  func ratesCountWhatEventsSee(_ backend: TestBackend) throws {
    let benchmark = AttentionBenchmark(heads: 2, width: 4, dropouts: [0, 0.2], lengths: [5, 2, 1])
    let report = try benchmark.report(on: try backend.make(), profiled: nil, steps: 3)
    #expect((report.sequences, report.events, report.pairs) == (3, 8, 15 + 3 + 1))
    #expect(report.passes.map(\.dropout) == [0, 0.2])
    for pass in report.passes {
      for (timing, flops) in [(pass.forward, 4.0), (pass.both, 14)] {
        let counted = timing.gflops * timing.milliseconds * 1e6
        #expect(abs(counted / (flops * 19 * 2 * 4) - 1) < Tolerance.meanGain)
        #expect(0 < timing.millisecondsLow && timing.millisecondsLow <= timing.milliseconds)
        #expect(timing.milliseconds <= timing.millisecondsHigh)
      }
      #expect(pass.kernels.isEmpty)
    }
  }
}
