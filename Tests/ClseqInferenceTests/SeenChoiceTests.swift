import ClseqData
import ClseqInference
import ClseqRuns
import ClseqSettings
import ClseqTestSupport
import Testing

@Suite struct SeenChoiceTests {
  /// A hundred users, of whom `repeats` meet an item again in the validation, and all in the test.
  private func dataset(repeats: Int) throws -> SequenceDataset {
    let lines = (0..<100).map { user in
      "u\(user) a b \(user < repeats ? "a" : "c") b\n"
    }
    let folder = try TemporaryFolder()
    return try SequenceDataset.load(
      path: try folder.write(Array(lines.joined().utf8), to: "log.txt"))
  }

  /// More than one in a hundred validation targets: then repetition is what people do.
  @Test(arguments: [(0, SeenRule.exclude), (1, .exclude), (2, .allow), (100, .allow)])
  func autoGoesByTheValidation(_ repeats: Int, _ rule: SeenRule) throws {
    let settings = TrainingSettings()
    let split = try settings.split(dataset(repeats: repeats))
    #expect(split.seen == rule && split.repeatShare(of: .validation) == Double(repeats) / 100)
    #expect(split.repeatShare(of: .test) == 1)
  }

  @Test(arguments: SeenRule.allCases) func aChoiceHolds(_ rule: SeenRule) throws {
    var settings = TrainingSettings()
    settings.seen = SeenChoice(rule)
    for repeats in [0, 100] {
      let split = try settings.split(dataset(repeats: repeats))
      #expect(split.seen == rule)
      let run = BaselineRun(.popularity, settings, split: split)
      #expect(run.passport.seen == rule.rawValue)
      // Repeats in the test: b is the most popular item of all.
      #expect(run.ranks(of: .test) == .init(repeating: rule == .allow ? 2 : .max, count: 100))
    }
  }

  /// Repetition is a ranker to compare with where it can be right.
  @Test(arguments: SeenRule.allCases) func repetitionStandsBesideAModel(_ rule: SeenRule) throws {
    var settings = TrainingSettings()
    (settings.data, settings.seen) = ("log.txt", SeenChoice(rule))
    let split = try settings.split(dataset(repeats: 100))
    let columns = try OtherRankers.scores(settings, split, .test) { _ in [] }
    #expect(
      columns.map(\.title) == (rule == .allow ? ["popularity", "repeat"] : ["popularity"]))
  }
}
