import ClseqData
import ClseqModels
import ClseqOps
import ClseqRuns
import ClseqSettings
import ClseqTestSupport
import ClseqTraining
import Testing

/// Which runs may stand side by side.
@Suite struct ComparableTests {
  /// 40 users with five events each.
  ///
  /// - Parameters:
  ///   - columns: Further columns, in order.
  ///   - shift: Of the ratings.
  private func passport(
    columns: [String], shift: Int = 0, _ change: (inout TrainingSettings) -> Void = { _ in }
  ) throws -> Passport {
    let folder = try TemporaryFolder()
    var text = (["user_id", "item_id", "timestamp"] + columns).joined(separator: ",") + "\n"
    for event in 0..<200 {
      let (user, item) = (event % 40, event * 7 % 11)
      let values = columns.map { $0 == "rating" ? (event + shift) % 5 : event % 13 }
      text +=
        (["u\(user)", "i\(item)", "\(1_700_000_000 + 60 * event)"] + values.map { "\($0)" })
        .joined(separator: ",") + "\n"
    }
    var settings = TrainingSettings()
    settings.data = try folder.write(Array(text.utf8), to: "log.csv")
    (settings.maxLength, settings[.hiddenSize]) = (6, 8)
    change(&settings)
    return try Trainer(settings, dataset: try settings.loadDataset(), on: .reference()).passport
  }

  /// A column that no truth is taken from changes nothing.
  @Test func aFurtherColumnIsNoOtherLog() throws {
    let (few, more) = (try passport(columns: []), try passport(columns: ["price"]))
    #expect(few.dataHash != more.dataHash && few.eventsHash == more.eventsHash)
    try few.requireComparable(to: more)
    // A passport of an earlier version has the hash of the text alone.
    var old = few
    old.eventsHash = nil
    #expect(throws: PassportMismatch.self) { try old.requireComparable(to: more) }
  }

  @Test func otherTruthsAreAnotherLog() throws {
    func click(_ settings: inout TrainingSettings) {
      let usual = TrainingSettings(task: .click, target: .label(least: 2))
      (settings.task, settings.target, settings.splitBy) = (.click, usual.target, usual.splitBy)
      settings.model = .network(.gru)
      settings[.recurrentSizes] = [8]
    }
    let one = try passport(columns: ["rating"], click)
    try one.requireComparable(to: passport(columns: ["price", "rating"], click))
    let error = #expect(throws: PassportMismatch.self) {
      try one.requireComparable(to: passport(columns: ["rating"], shift: 1, click))
    }
    #expect(error?.differences.map(\.field) == ["events_hash"])
  }

  /// The users of a split do not follow the seed of a training.
  @Test func runsOfTwoSeedsAreComparable() throws {
    let passports = try ([1, 2] as [UInt64]).map { seed in
      try passport(columns: []) {
        $0.seed = seed
        $0.splitBy = .user
      }
    }
    #expect(passports[0].seed != passports[1].seed)
    try passports[0].requireComparable(to: passports[1])
    let other = try passport(columns: []) {
      $0.splitSeed = 7
      $0.splitBy = .user
    }
    #expect(throws: PassportMismatch.self) { try passports[0].requireComparable(to: other) }
  }
}
