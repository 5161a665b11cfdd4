import ClseqData
import ClseqInference
import ClseqModels
import ClseqOps
import ClseqRuns
import ClseqSettings
import ClseqTestSupport
import ClseqTraining
import Testing

/// Generated events beside those that came.
@Suite struct GenerationEvaluationTests {
  private func shop(
    _ model: ModelKind, _ split: SplitChoice = .leaveOneOut, seen: SeenRule = .exclude
  ) throws -> TrainedShop {
    try TrainedShop(.reference) { settings, _ in
      settings.model = .network(model)
      (settings.splitBy, settings.seen) = (split, SeenChoice(seen))
      settings[.recurrentSizes] = [16]
    }
  }

  private func run(_ shop: TrainedShop) throws -> ScoredRun {
    let layout = try RunLayout.existing(at: shop.folder.file("run"))
    let settings = try layout.settings()
    return try ScoredRun(
      layout, settings, dataset: try settings.loadDataset(),
      on: { try TestBackend.reference.make() })
  }

  /// The first step is the ranking of the next item.
  @Test(arguments: [ModelKind.transformer, .seq2seq], SeenRule.allCases)
  func theFirstStepIsTheUsualRanking(_ model: ModelKind, _ seen: SeenRule) throws {
    let shop = try shop(model, seen: seen)
    let cases = try run(shop).generationCases(of: .test, stepCount: 1)
    let ranks = try shop.trainer.evaluator.ranks(of: .test)
    #expect(cases.ranks == [ranks] && ranks.count > 30)
    #expect(cases.truths.allSatisfy { $0.count == 1 })
  }

  /// Of held-out users the last events are generated, each user's after all before them.
  @Test(arguments: [ModelKind.transformer, .seq2seq])
  func lastEventsAreGenerated(_ model: ModelKind) throws {
    let shop = try shop(model, .user, seen: .allow)
    let run = try run(shop)
    let cases = try run.generationCases(of: .test, stepCount: 3)
    #expect(!cases.users.isEmpty && cases.ranks.count == 3)
    let dataset = run.split.dataset
    for (user, (truth, said)) in zip(cases.users, zip(cases.truths, cases.generated)) {
      #expect(Array(dataset[user].suffix(3)) == truth && said.count == 3)
    }
    // A true item of rank 1 is the generated one.
    for (step, ranks) in cases.ranks.enumerated() {
      for (place, rank) in ranks.enumerated() {
        #expect((rank == 1) == (cases.truths[place][step] == cases.generated[place][step]))
      }
    }
    // The same users' histories, predicted as a log of their own.
    let names = cases.users.map { dataset.users[$0] }
    var rows: [TrainedShop.Row] = []
    for name in names { rows += shop.rows(of: [name]).dropLast(3) }
    var request = GenerationRequest(stepCount: 3)
    request.seen = .allow
    let predicted = try shop.generated(from: rows, on: .reference, request)
    for (name, said) in zip(names, cases.generated) {
      #expect(predicted.first { $0.user == name }?.events.map(\.item) == said)
    }
  }

  /// Types are compared with those of the true events.
  @Test func typesAreComparedWithTheTrueOnes() throws {
    let shop = try TrainedShop(.reference) { settings, _ in
      (settings.task, settings.tasks) = (.multi, TaskList("next-item,next-type")!)
      (settings.splitBy, settings.epochs) = (.user, 4)
    }
    let run = try run(shop)
    let cases = try run.generationCases(of: .test, stepCount: 2)
    let dataset = run.split.dataset
    let summary = GenerationSummary(
      run: "run", split: "test", cases: cases, passport: run.passport)
    #expect(summary.stepNames.last == "type accuracy")
    for step in 0..<2 {
      let right = zip(cases.users, cases.types).count { user, types in
        let own = shop.rows(of: [dataset.users[user]])
        return own[own.count - 2 + step].type == types[step]
      }
      let share = Double(right) / Double(cases.users.count)
      #expect(summary.steps[step].scores["type accuracy"] == share)
    }
    let plain = try self.run(try self.shop(.transformer, .user))
    let without = try plain.generationCases(of: .test, stepCount: 2)
    #expect(without.types.isEmpty && without.typeAccuracy(ofStep: 0) == nil)
  }

  @Test func splitsWithTooFewEventsAreTold() throws {
    let run = try run(try shop(.transformer))
    #expect {
      _ = try run.generationCases(of: .test, stepCount: 2)
    } throws: { error in
      error is SettingsError && "\(error)".contains("train with --split-by time or user")
    }
    let held = try self.run(try shop(.transformer, .user))
    #expect {
      _ = try held.generationCases(of: .test, stepCount: 100)
    } throws: { "\($0)".contains("ask for fewer --steps") }
  }
}
