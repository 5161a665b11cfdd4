import ClseqData
import ClseqShop
import ClseqTestSupport
import Testing

@Suite struct TimeSplitTests {
  /// u: a1 b2 c5 d8, v: b1 e6 a7 b9, w: c5 c6 c9 — items at seconds.
  private func dataset() throws -> SequenceDataset {
    let events = [
      ("u", "a", 1), ("v", "b", 1), ("u", "b", 2), ("u", "c", 5), ("w", "c", 5), ("v", "e", 6),
      ("w", "c", 6), ("v", "a", 7), ("u", "d", 8), ("v", "b", 9), ("w", "c", 9),
    ]
    let text = events.map { "\($0)\t\($1)\t\($2)\n" }.joined()
    let file = try TemporaryFile(
      "log.inter", "user_id:token\titem_id:token\ttimestamp:float\n" + text)
    return try SequenceDataset.load(path: file.path)
  }

  private func tokens(_ items: some Sequence<Int32>, _ split: Split) -> [String] {
    items.map { split.dataset.vocabulary[Int($0)] }
  }

  /// Training before 6 s knows a, b and c. v's validation target e is unknown and counts as missed;
  /// so does u's test target d.
  @Test func partsFollowTheTimes() throws {
    let split = try Split.time(dataset(), validationStart: 6_000_000, testStart: 7_000_000)
    #expect(split.dataset.itemCount == 3 && split.dataset.userCount == 3)
    #expect(
      (0..<3).map { tokens(split.training(of: $0), split) } == [["a", "b", "c"], ["b"], ["c"]])
    #expect(split.users(of: .validation) == [2] && split.coldTargetCount(of: .validation) == 1)
    #expect(tokens(split.history(of: 2, for: .validation), split) == ["c"])
    #expect(split.users(of: .test) == [1, 2] && split.coldTargetCount(of: .test) == 1)
    #expect(tokens([split.target(of: 1, for: .test)], split) == ["a"])
    // e is left out of the history.
    #expect(tokens(split.history(of: 1, for: .test), split) == ["b"])
    #expect(tokens(split.history(of: 2, for: .test), split) == ["c", "c"])
  }

  /// Who is left out, and why: d and e are items that training does not know, u has nothing in the
  /// validation.
  @Test func nobodyIsDroppedInSilence() throws {
    let split = try Split.time(dataset(), validationStart: 6_000_000, testStart: 7_000_000)
    let cold = "targets without a training event of their item, counted as missed"
    #expect(
      split.leftOut(of: nil) == [
        "users with a single training event": 2,
        "events of items without a training event": 2,
      ])
    #expect(
      split.leftOut(of: .validation) == [cold: 1, "users without a known event in it": 1])
    #expect(split.leftOut(of: .test) == [cold: 1])
    let log = try ShopLog(users: 50, items: 30, eventsPerUser: 3...12, seed: 3).dataset()
    #expect(try #require(Split.leaveOneOut(log).leakedEventCount) > 0)
  }

  @Test func aLogWithoutTimesIsRefused() throws {
    let file = try TemporaryFile("log.txt", "u a\nu b\nu c\n")
    let dataset = try SequenceDataset.load(path: file.path)
    #expect(throws: DataError.lacks(path: "log.txt", what: "times", purpose: "a split by time")) {
      try Split.time(dataset, validationStart: 1, testStart: 2)
    }
  }

  @Test func anEmptyPartIsRefused() throws {
    let dataset = try dataset()
    #expect(throws: DataError.emptyPart(path: "log.inter", part: "test", split: .time)) {
      try Split.time(dataset, validationStart: 6_000_000, testStart: 60_000_000)
    }
    #expect(throws: DataError.emptyPart(path: "log.inter", part: "training", split: .time)) {
      try Split.time(dataset, validationStart: 0, testStart: 5_000_000)
    }
  }
}
