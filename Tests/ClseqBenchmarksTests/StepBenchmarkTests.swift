import ClseqBenchmarks
import ClseqData
import ClseqModels
import ClseqSettings
import ClseqTestSupport
import Testing

@Suite struct StepBenchmarkTests {
  @Test(arguments: ModelCatalog.all)
  func everyModelIsMeasured(_ kind: ModelKind) throws {
    let model = ModelChoice.network(kind)
    var settings = TrainingSettings(task: StepBenchmark.task(of: model), model: model)
    settings.inputs = .kinds([])
    if !kind.compresses { settings.splitBy = .leaveOneOut }
    (settings.maxLength, settings.batchSize, settings[.hiddenSize]) = (5, 4, 8)
    (settings[.recurrentSizes], settings[.codeSize]) = ([8], 4)
    let benchmark = StepBenchmark(
      settings,
      on: SequenceDataset(uniform: kind.compresses ? 60 : 6, length: 8, itemCount: 9, seed: 1),
      opening: { _ in try TestBackend.reference.make() })
    let report = try benchmark.report(warmup: 1, steps: 2, profiledSteps: 1)
    #expect(report.losses.count == 3 && report.losses.allSatisfy { $0 > 0 && $0.isFinite })
    #expect(report.eventsPerSecond > 0 && report.items == 9)
    #expect(report.task == (kind == .din ? .click : kind.compresses ? .reconstruct : .nextItem))
  }

  @Test func madeUpLabelsHaveBothValuesEverywhere() throws {
    let dataset = SequenceDataset(uniform: 2, length: 3, itemCount: 9, seed: 1)
      .withAlternateLabels()
    #expect(try Array(#require(dataset.events.labels)) == [0, 1, 0, 1, 0, 1])
  }
}
