import ClseqData
import ClseqInference
import ClseqModels
import ClseqRuns
import ClseqSettings
import ClseqTestSupport
import ClseqTraining
import Foundation
import Testing

/// Runs that go on from another on a log that extends the other's.
@Suite(.serialized) struct ContinuationTests {
  /// Rows after a shop's: further events of ten users, two new users and two new items.
  private func additions(to shop: TrainedShop) -> [TrainedShop.Row] {
    let users = (0..<10).map { "u\($0 * 3)" } + ["new0", "new1"]
    return users.enumerated().flatMap { index, user in
      ["i\(index)", "novel", "i\(index + 7)", index % 2 == 0 ? "late" : "i2"].enumerated().map {
        TrainedShop.Row(
          user: user, item: $1, type: ["view", "buy"][$0 % 2],
          time: 1_800_000_000 + index + 60 * $0)
      }
    }
  }

  private func settings(
    from shop: TrainedShop, _ change: (inout TrainingSettings) -> Void = { _ in }
  ) throws -> TrainingSettings {
    var settings = shop.settings
    settings.continueFrom = shop.folder.file("run")
    settings.extends = shop.settings.data
    settings.data = try TrainedShop.write(additions(to: shop), to: shop.folder, "added.csv")
    change(&settings)
    return settings
  }

  private func trainer(
    _ settings: TrainingSettings, _ kind: TestBackend = .reference
  ) throws -> Trainer {
    try Trainer(settings, dataset: try settings.loadDataset(), on: try kind.make())
  }

  private func finish(_ trainer: Trainer, in run: RunDirectory? = nil) throws {
    _ = try trainer.train(in: run, progress: ProgressReport(style: .silent))
  }

  /// Parameters and moments of a run's trainer.
  private func arrays(_ trainer: Trainer) throws -> [[Float]] {
    let store = trainer.store
    return try [store.values, store.firstMoments, store.secondMoments].map {
      try store.backend.read($0)
    }
  }

  /// Rows of items go with their ids, and so do those of what stands above them; moments of new rows are 0.
  @Test(
    arguments: [TestBackend.reference, .cpu8, .gpu],
    [ModelKind.transformer, .bert4rec])
  func parametersAndMomentsGrow(_ kind: TestBackend, _ model: ModelKind) throws {
    // Of two epochs the last is the best, or the one that is compared would be another.
    let shop = try TrainedShop(kind) { settings, _ in
      (settings.model, settings.epochs, settings.patience) = (.network(model), 1, 0)
    }
    let trainer = try trainer(try settings(from: shop), kind)
    let report = try #require(try trainer.takeStart())
    #expect(report.new.isEmpty && report.itemCount == report.knownItemCount + 2)
    #expect(report.steps == 3 && report.description.contains("moments of 3 steps"))
    let (new, old) = (trainer.split.dataset.vocabulary, shop.trainer.split.dataset.vocabulary)
    #expect((1...old.count).allSatisfy { new[$0] == old[$0] } && new[old.count + 1] == "novel")
    let (now, before) = (try arrays(trainer), try arrays(shop.trainer))
    for (index, parameter) in trainer.store.parameters.enumerated() {
      let source = shop.trainer.store.parameters[index]
      let (start, origin) = (
        trainer.store.offsets[index], shop.trainer.store.offsets[index]
      )
      for array in 0..<3 {
        let values = Array(now[array][start..<start + parameter.count])
        let known = Array(before[array][origin..<origin + source.count])
        guard parameter.name == "items.weight" else {
          #expect(values == known, "\(parameter.name)")
          continue
        }
        let count = (old.count + 1) * 16
        #expect(values.prefix(count).elementsEqual(known.prefix(count)))
        if model == .bert4rec { #expect(values.suffix(16).elementsEqual(known.suffix(16))) }
        let added = values[count..<count + 32]
        #expect(array == 0 ? added.contains { $0 != 0 } : added.allSatisfy { $0 == 0 })
      }
    }
    #expect(before[1].contains { $0 != 0 } && before[2].contains { $0 != 0 })
  }

  /// The rate begins anew, while the bias correction of the moments does not.
  @Test func momentsOfManyStepsAreNotCorrectedAnew() throws {
    let shop = try TrainedShop(.reference) { settings, _ in settings.epochs = 8 }
    func change(_ settings: TrainingSettings) throws -> Float {
      let trainer = try trainer(settings)
      try trainer.takeStart()
      let before = try arrays(trainer)[0]
      _ = try trainer.step(trainer.batches(epoch: 0)[0])
      return zip(try arrays(trainer)[0], before).map { abs($0 - $1) }.max() ?? 0
    }
    let rate = Float(shop.settings.learningRate)
    // With a correction for one step a first moment would count tenfold.
    #expect(try change(try settings(from: shop)) < 3 * rate)
    #expect(try change(try settings(from: shop) { $0.warmupSteps = 100 }) < 0.03 * rate)
  }

  /// What is interrupted and resumed gives the same bytes, without the run that it went on from.
  @Test(arguments: [TestBackend.reference, .cpu8]) func resumedRunsGiveTheSameBytes(
    _ kind: TestBackend
  ) throws {
    let shop = try TrainedShop(kind) { _, _ in }
    let settings = try settings(from: shop) { ($0.batchSize, $0.epochs, $0.replay) = (4, 3, 0.3) }
    let whole = try trainer(settings, kind)
    try finish(whole)
    let path = shop.folder.file("on")
    func interrupt() throws -> [String] {
      let run = try RunDirectory.create(at: path)
      let cut = try trainer(settings, kind)
      try cut.prepare(run)
      var remaining = 5
      #expect(throws: TrainingInterrupted.self) {
        _ = try cut.train(in: run, progress: ProgressReport(style: .silent)) {
          remaining -= 1
          return remaining == 0
        }
      }
      return try #require(try run.layout.passport().startedFrom)
    }
    let lineage = try interrupt()
    #expect(lineage.count == 1 && lineage[0].hasPrefix(shop.folder.file("run")))
    let rest = try trainer(settings, kind)
    let resumed = RunLayout(path: path)
    try finishResumed(rest, at: path)
    #expect(try arrays(rest) == arrays(whole))
    #expect(rest.passport.startedFrom == lineage)
    // It is scored on its logs as any run, though the run that it went on from has gone.
    try FileManager.default.removeItem(atPath: shop.folder.file("run"))
    let saved = try resumed.settings()
    let scored = try ScoredRun(
      resumed, saved, dataset: try saved.loadDataset(), on: { try kind.make() })
    #expect(try !scored.cases(of: .test).isEmpty)
  }

  private func finishResumed(_ trainer: Trainer, at path: String) throws {
    let run = try RunDirectory.resume(at: path)
    try trainer.prepare(run)
    try finish(trainer, in: run)
  }

  /// Every epoch has all sequences with new events and a share of the others, which is drawn anew.
  @Test(arguments: [0, 0.25, 1]) func aShareOfOldSequencesIsReplayed(share: Double) throws {
    let shop = try TrainedShop(.reference) { _, _ in }
    let trainer = try trainer(try settings(from: shop) { $0.replay = share })
    let (split, additions) = (trainer.split, try #require(trainer.split.dataset.events.additions))
    let fresh = Set(
      (0..<split.dataset.userCount).filter { user in
        split.training(of: user).indices.contains { additions[$0] }
      }.map { Int32($0) })
    #expect(fresh.count == 12)
    let trainable = (0..<split.dataset.userCount).count { split.training(of: $0).count > 1 }
    for epoch in 0..<3 {
      let sequences = sequences(of: trainer, epoch)
      #expect(Set(sequences).isSuperset(of: fresh) && Set(sequences).count == sequences.count)
      let others = Double(trainable - fresh.count)
      #expect(sequences.count == fresh.count + Int((share * others).rounded()))
      _ = trainer.batches(epoch: epoch + 1)
      #expect(sequences == self.sequences(of: trainer, epoch))
    }
    #expect(
      (Set(sequences(of: trainer, 0)) == Set(sequences(of: trainer, 1))) == (share != 0.25))
  }

  /// The sequences of an epoch in their order; each begins at time 0.
  private func sequences(of trainer: Trainer, _ epoch: Int) -> [Int32] {
    trainer.batches(epoch: epoch).flatMap { batch in
      batch.times.indices.filter { batch.times[$0] == 0 }.map { batch.sequences[$0] }
    }
  }

  /// Statistics of inputs and of targets are the run's; new types come after those that it knows.
  @Test func statisticsAreThoseOfTheRun() throws {
    let shop = try TrainedShop(.reference) { settings, _ in
      (settings.task, settings.target) = (.regress, TargetRule("next:hour"))
      settings.inputs = .kinds([.type, .features])
      settings.eventFeatures = [FeatureRequest("hour")]
    }
    let before = try RunLayout(path: shop.folder.file("run")).task()
    var rows = additions(to: shop)
    for place in rows.indices { rows[place].type = place % 2 == 0 ? "gift" : "buy" }
    let path = try TrainedShop.write(rows, to: shop.folder, "gifts.csv")
    let trainer = try trainer(try settings(from: shop) { $0.data = path })
    let report = try #require(try trainer.takeStart())
    #expect(report.new.isEmpty)
    let run = try RunDirectory.create(at: shop.folder.file("on"))
    try finish(trainer, in: run)
    let after = try run.layout.task()
    #expect(after.inputs.features == before.inputs.features && after.heads == before.heads)
    #expect(after.inputs.types == (before.inputs.types ?? []) + ["gift"])
    #expect(throws: SettingsError.self) {
      _ = try self.trainer(try settings(from: shop) { $0.inputs = .kinds([.type]) })
    }
  }

  @Test func whatDoesNotFitIsRefused() throws {
    let shop = try TrainedShop(.reference) { _, _ in }
    func fault(_ change: (inout TrainingSettings) -> Void) throws -> String {
      let settings = try settings(from: shop, change)
      do { try trainer(settings).takeStart() } catch { return "\(error)" }
      return ""
    }
    #expect(try fault { _ in } == "")
    let early = try fault {
      ($0.splitBy, $0.validationFrom, $0.testFrom) = (
        .time, .time(1_700_001_000_000_000), .time(1_700_100_000_000_000)
      )
    }
    #expect(early.contains("no new event of added.csv is for training"))
    #expect(early.contains("--validation-from (2023-11-14"))
    let other = try TrainedShop.write(Array(shop.rows.dropLast()), to: shop.folder, "other.csv")
    #expect(try fault { $0.extends = other }.contains("other.csv: it has changed since"))
    let gone = try fault { $0.extends = "/nowhere/log.csv" }
    #expect(gone.contains("/nowhere/log.csv") && gone.contains("--extends names where it is now"))
    #expect(try fault { $0[.hiddenSize] = 32 }.contains("leave out the settings of the model"))
    #expect(try fault { $0.startFrom = $0.continueFrom }.contains("exclude one another"))
    #expect(try fault { $0.data = "" }.contains("there is no log with new events"))
  }

  /// The command line takes all settings of the run, and the chain of logs grows.
  @Test func settingsComeFromTheRun() throws {
    let shop = try TrainedShop(.reference) { _, _ in }
    let resolution = SettingResolution(environment: [:])
    func resolved(_ run: String, _ log: String) throws -> ResolvedSettings {
      try resolution.training(
        TrainingRequest(
          data: log, options: [("continue", run), ("epochs", "1"), ("cache", "none")]))
    }
    let path = try settings(from: shop).data
    let first = try resolved(shop.folder.file("run"), path)
    #expect(first.training.extends == shop.settings.data && first.training.data == path)
    #expect(first.training.maxLength == 8 && first.training.seed == 3 && first.training.epochs == 1)
    let run = try RunDirectory.create(at: shop.folder.file("on"))
    try finish(try trainer(first.training), in: run)
    let second = try resolved(run.path, shop.folder.file("more.csv"))
    #expect(second.training.extends == "\(shop.settings.data),\(path)")
    #expect(second.training.continueFrom == run.path)
    // Another log for its predictions extends nothing.
    let use = try resolution.use(of: run.layout, data: "x.csv", options: [])
    #expect(use.training.extends == "" && use.training.data == "x.csv")
    #expect(try resolution.use(of: run.layout, options: []).training.earlierLogs.count == 1)
  }
}
