import ClseqData
import ClseqInference
import ClseqModels
import ClseqOps
import ClseqRuns
import ClseqSettings
import ClseqShop
import ClseqTestSupport
import ClseqTraining
import Foundation
import Testing

/// Runs of programs that train without the command line.
@Suite(.serialized) struct CodeRunTests {
  private func smallSettings() -> TrainingSettings {
    var settings = TrainingSettings()
    (settings.maxLength, settings[.hiddenSize], settings.batchSize) = (8, 16, 16)
    settings.epochs = 1
    return settings
  }

  /// Training in a directory makes a whole run of it, that can be opened, ranked with and gone on with.
  @Test func trainingLeavesAWholeRun() throws {
    let folder = try TemporaryFolder()
    let dataset = try ShopLog(users: 40, items: 20, eventsPerUser: 4...9, seed: 2).dataset()
    let trainer = try Trainer(smallSettings(), dataset: dataset, on: .reference())
    let run = try RunDirectory.create(at: folder.file("run"))
    let progress = ProgressReport(style: .silent)
    let summary = try trainer.train(in: run, progress: progress)
    let layout = try RunLayout.existing(at: run.path)
    for path in [
      layout.configPath, layout.taskPath, layout.passportPath, layout.vocabularyPath,
      layout.summaryPath, layout.itemCountsPath,
    ] { #expect(FileManager.default.fileExists(atPath: path), "\(path)") }
    #expect(try layout.settings()[.hiddenSize] == 16 && layout.passport() == trainer.passport)
    let opened = try TrainedRun(layout, settings: try layout.settings())
    let recommendation = try Recommendation(
      after: [dataset.vocabulary[1]], by: opened, RankingRequest(count: 5), on: { .reference() })
    #expect(recommendation.items.count == 5 && summary.run == run.path)
  }

  /// A dataset that was passed in is never taken for the built-in log.
  @Test func ownDataIsNotTheBuiltInLog() throws {
    let folder = try TemporaryFolder()
    let dataset = try ShopLog(users: 40, items: 20, eventsPerUser: 4...9, seed: 2).dataset()
    let settings = smallSettings()
    let trainer = try Trainer(settings, dataset: dataset, on: .reference())
    let run = try RunDirectory.create(at: folder.file("run"))
    try trainer.prepare(run)
    try run.layout.requireBuiltInLog(dataset, settings)
    let other = try ShopLog(users: 30, items: 20, eventsPerUser: 4...9, seed: 3).dataset()
    #expect {
      try run.layout.requireBuiltInLog(other, settings)
    } throws: { "\($0)".contains("data of its own") && "\($0)".contains("config.yaml") }
  }

  /// Settings that do not fit are errors, and stop no program.
  @Test func badSettingsThrow() throws {
    let dataset = try ShopLog(users: 10, items: 20, eventsPerUser: 4...9, seed: 2).dataset()
    let changes: [(inout TrainingSettings) -> Void] = [
      { $0[.hiddenSize] = 63 }, { $0[.layers] = 0 }, { $0.batchSize = -1 }, { $0[.dropout] = 1.5 },
      { $0.maxLength = 0 }, { $0[.heads] = 0 }, { $0[.window] = 0 }, { $0.epochs = 0 },
      { $0.learningRate = -.infinity },
    ]
    for change in changes {
      var settings = TrainingSettings()
      change(&settings)
      #expect(throws: SettingsError.self) {
        try Trainer(settings, dataset: dataset, on: .reference())
      }
    }
  }

  /// A baseline's run predicts what its evaluation ranks, and no other log's.
  @Test(arguments: Baseline.allCases) func baselinesPredict(_ baseline: Baseline) throws {
    let folder = try TemporaryFolder()
    var settings = smallSettings()
    settings.model = .baseline(baseline)
    settings.data = folder.file("log.txt")
    let log = try ShopLog(users: 40, items: 20, eventsPerUser: 4...9, seed: 2)
    let lines = try log.dataset()
    func write(_ users: Int) throws {
      let text = (0..<users).map { user in
        lines[user].map { "\(lines.users[user]) \(lines.vocabulary[Int($0)])\n" }.joined()
      }
      _ = try folder.write(Array(text.joined().utf8), to: "log.txt")
    }
    try write(40)
    settings.dataFormat = DataFormatChoice(.events)
    let fitted = try BaselineRun(baseline, settings, dataset: try settings.loadDataset())
    try fitted.save(to: try RunDirectory.create(at: folder.file("run")))
    let layout = try RunLayout.existing(at: folder.file("run"))
    let run = try TrainedRun(layout, settings: try layout.settings())
    let data = try run.loadDataset(omittingLast: 1)
    var found: [[Int32]] = []
    try run.predictor(for: data, on: { .reference() })
      .predict(RankingRequest(count: 20), progress: nil) { found.append($0.items.map(\.item)) }
    #expect(found.count == 40)
    let split = fitted.split
    for (user, rank) in zip(split.users(of: .test), fitted.ranks(of: .test)) {
      let place = found[Int(user)].firstIndex(of: split.target(of: Int(user), for: .test))
      if let place { #expect(place < rank) }
      #expect(Set(found[Int(user)]).isDisjoint(with: split.exclusions(of: Int(user), for: .test)))
    }
    let counts = try run.itemCounts()
    #expect(counts.reduce(0, +) == lines.eventCount - 80)
    #expect(throws: SettingsError.self) {
      try TrainedModel(run, dataset: data.dataset, on: .reference())
    }
    // The log that it counts must be as it was.
    try write(39)
    #expect(throws: DataError.self) { try run.predictor(for: data, on: { .reference() }) }
  }
}
