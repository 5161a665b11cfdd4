import ClseqData
import ClseqModels
import ClseqOps
import ClseqRuns
import ClseqSettings
import ClseqShop
import ClseqTestSupport
import ClseqTraining
import Testing

/// Nobody is left out without being counted.
@Suite(.serialized) struct LeftOutTests {
  /// The users whom the test of a churn model asks about, where items below some events lose their name.
  private func users(rareItemEvents: Int) throws -> (users: [Int], passport: Passport) {
    let folder = try TemporaryFolder()
    try ShopLog(users: 240, items: 40, eventsPerUser: 3...12, seed: 7)
      .write(to: folder.file("log.inter"))
    var rules = DatasetRules()
    rules.cleaning.rareItemEvents = rareItemEvents
    _ = try SequenceDataset.prepare(
      path: folder.file("log.inter"), rules: rules, to: folder.file("data"), version: "test")
    let dataset = try SequenceDataset.load(path: folder.file("data"))
    let times = try #require(dataset.times)
    let span = (times.max() ?? 0) - (times.min() ?? 0)
    var settings = TrainingSettings(task: .classify, model: .network(.gru), target: .churn)
    (settings.horizon, settings[.recurrentSizes]) = (Double(span / 3) / 1e6, [8])
    (settings.maxLength, settings[.hiddenSize]) = (6, 8)
    let trainer = try Trainer(settings, dataset: dataset, on: .reference())
    return (try trainer.predictions(of: .test)[0].map(\.user), trainer.passport)
  }

  /// A user whose last item has no name is a user all the same.
  @Test func usersOfRareItemsAreAsked() throws {
    let (all, rare) = (try users(rareItemEvents: 0), try users(rareItemEvents: 54))
    #expect(all.users == rare.users && all.users.count > 3)
    #expect(all.passport.leftOut == rare.passport.leftOut)
  }

  /// Every user of a part is asked about, or counted.
  @Test func whoIsNotAskedIsCounted() throws {
    let (asked, passport) = try users(rareItemEvents: 0)
    let leftOut = passport.leftOut?["test"]?.values.reduce(0, +) ?? 0
    let log = try ShopLog(users: 240, items: 40, eventsPerUser: 3...12, seed: 7).dataset()
    let split = try Split.users(log, seed: TrainingSettings().splitSeed)
    #expect(asked.count + leftOut == split.users(of: .test).count)
    #expect(passport.leftOutLines.count == passport.leftOut?.count)
  }
}
