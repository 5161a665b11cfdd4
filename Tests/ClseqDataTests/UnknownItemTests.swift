import ClseqData
import ClseqTestSupport
import Testing

@Suite struct UnknownItemTests {
  /// `user item minute` lines, items with fewer than two events being rare.
  private func prepare(_ lines: [String]) throws -> (SequenceDataset, DatasetManifest) {
    let rows = lines.map { $0.split(separator: " ").joined(separator: "\t") + "\n" }
    let file = try TemporaryFile(
      "log.inter", "user_id:token\titem_id:token\ttimestamp:float\n" + rows.joined())
    var rules = DatasetRules()
    rules.cleaning.rareItemEvents = 2
    let folder = try TemporaryFolder()
    let manifest = try SequenceDataset.prepare(
      path: file.path, rules: rules, to: folder.file("data"), version: "test")
    return (try SequenceDataset.load(path: folder.file("data")), manifest)
  }

  private let lines = [
    "u a 1", "u x 2", "u b 3", "u c 4", "v a 5", "v b 6", "v c 7", "v y 8", "w z 9", "w c 10",
    "w a 11", "w b 12",
  ]

  @Test func rareItemsLoseTheirName() throws {
    let (dataset, manifest) = try prepare(lines)
    #expect(dataset.itemCount == 3 && dataset.vocabulary.hasUnknown)
    #expect(dataset.vocabulary.rowCount == 5 && dataset.vocabulary.unknown == 4)
    #expect(Array(dataset.items) == [1, 4, 2, 3, 1, 2, 3, 4, 4, 3, 1, 2])
    let entry = manifest.report.entries[0]
    #expect(entry.rule == "rare-item-events" && entry.items == 3 && entry.changedEvents == 3)
    #expect(entry.events == 0 && manifest.eventCount == 12 && manifest.itemCount == 3)
    #expect(DatasetStatistics(Split.leaveOneOut(dataset)).unknownEvents == 3)
  }

  /// It is never asked for, never ranked, and no rival: v's target is unknown.
  @Test(arguments: Baseline.allCases)
  func theUnknownItemIsNeverRanked(baseline: Baseline) throws {
    let split = Split.leaveOneOut(try prepare(lines).0)
    #expect(split.users(of: .test) == [0, 2] && split.coldTargetCount(of: .test) == 1)
    #expect(split.users(of: .validation) == [0, 1, 2])
    #expect(split.exclusions(of: 0, for: .test) == [1, 2])
    let ranks = baseline.fitted(to: split).ranks(for: .test)
    // All items but the target have been seen.
    #expect(ranks == [1, 1])
  }

  @Test func theVocabularyKeepsIt() throws {
    let vocabulary = try prepare(lines).0.vocabulary
    let file = try TemporaryFile("vocabulary.txt", bytes: nil)
    try vocabulary.write(to: file.path)
    #expect(try file.content() == Array("a\nb\nc\n\n".utf8))
    #expect(try Vocabulary(contentsOf: file.path) == vocabulary)
    let damaged = try TemporaryFile("vocabulary.txt", "a\n\nb\n")
    #expect(
      throws: DataError.malformed(
        path: damaged.path, line: 2, column: 1, expected: "an item token of its own",
        found: "a blank line")
    ) { try Vocabulary(contentsOf: damaged.path) }
  }

  /// New data keep the events of items that are not known.
  @Test func newDataUnderItsVocabulary() throws {
    let vocabulary = try prepare(lines).0.vocabulary
    let file = try TemporaryFile("new.txt", "p b\np q\np r\np a\n")
    let dataset = try SequenceDataset.load(path: file.path).translated(to: vocabulary)
    #expect(Array(dataset.items) == [2, 4, 4, 1] && dataset.source.leftOutEventCount == 0)
  }

  /// Training before 7 knows a and b; c is then one with what was unknown before.
  @Test func splitByTimeKeepsUnknownEvents() throws {
    let second: Int64 = 1_000_000
    let lines = self.lines.map { $0 == "u c 4" ? "u a 9" : $0 }
    let split = try Split.time(
      prepare(lines).0, validationStart: 7 * second, testStart: 11 * second)
    #expect(split.dataset.itemCount == 2 && split.dataset.vocabulary.unknown == 3)
    #expect(Array(split.dataset.items) == [1, 3, 2, 1, 1, 2, 3, 3, 3, 3, 1, 2])
    #expect(split.users(of: .validation) == [0] && split.coldTargetCount(of: .validation) == 1)
    #expect(split.users(of: .test) == [2] && split.target(of: 2, for: .test) == 1)
    #expect(Array(split.history(of: 2, for: .test)) == [3, 3])
  }
}
