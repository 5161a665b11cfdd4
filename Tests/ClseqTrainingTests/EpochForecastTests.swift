import ClseqModels
import ClseqSettings
import ClseqShop
import ClseqTestSupport
import ClseqTraining
import Testing

/// The time of an epoch, foretold after some of its steps.
@Suite struct EpochForecastTests {
  /// The clock of a test.
  private final class Clock {
    var time = 100.0
  }

  @Test func stepsAfterTheWarmUpCount() {
    let clock = Clock()
    var forecast = EpochForecast(measuring: 3, epochEvents: 1000) { clock.time }
    // A slow step that warms up, then 10 events in a second, 50 in all.
    var told: [Double?] = []
    for (seconds, events) in [(60.0, 7), (30, 9), (1, 10), (3, 30), (1, 10), (1, 10)] {
      clock.time += seconds
      told.append(forecast.finishStep(eventCount: events))
    }
    #expect(told == [nil, nil, nil, nil, 100, nil])
  }

  /// `train` tells it once, after ten steps.
  @Test(arguments: [(batchSize: 4, count: 1), (batchSize: 7, count: 0)])
  func trainingTellsItOnce(_ test: (batchSize: Int, count: Int)) throws {
    var settings = TrainingSettings()
    settings[.hiddenSize] = 8
    settings.maxLength = 10
    settings.batchSize = test.batchSize
    settings.epochs = 2
    let trainer = try Trainer(
      settings, dataset: ShopLog(users: 60, items: 40, eventsPerUser: 5...20, seed: 7).dataset(),
      on: try TestBackend.reference.make())
    var lines: [String] = []
    let progress = ProgressReport(style: .lines, write: { lines.append($0) })
    _ = try trainer.train(progress: progress)
    #expect(lines.count { $0.hasPrefix("an epoch takes about ") } == test.count)
  }
}
