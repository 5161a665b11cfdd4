import ClseqData
import ClseqInference
import ClseqMetrics
import ClseqSettings
import ClseqTestSupport
import Testing

@Suite struct UserGroupingTests {
  private let split: Split
  private let folder: TemporaryFolder

  /// u1, u2, u3 and u4 are asked for c, b, a and b.
  init() throws {
    folder = try TemporaryFolder()
    let log = try folder.write(
      Array("u1 a b c\nu2 a c b\nu3 b c a\nu4 c a b\n".utf8), to: "log.txt")
    let users = try folder.write(
      Array("user_id,gender,age\nu1,F,20\nu2,M,30\nu3,F,\n".utf8), to: "users.csv")
    let items = try folder.write(
      Array(
        """
        item_id:token\tgenres:token_seq\tvector:float_seq
        a\tdrama comedy\t1 2
        b\tdrama drama\t3 4

        """.utf8), to: "log.item")
    split = .leaveOneOut(
      try SequenceDataset.load(
        path: log, options: ReadingOptions(format: .sequences),
        attributes: AttributeFiles(users: users, items: items)))
  }

  private func ranks(_ ranks: [Int]) -> ScoredCases {
    ScoredCases(ranks: ranks, of: split, .test)
  }

  @Test(arguments: [
    ("history", UserGrouping.history), ("popularity", .popularity),
    ("event-type", .eventType), ("user:age", .userAttribute("age")),
    ("item:a:b", .itemAttribute("a:b")),
  ])
  func texts(_ text: String, _ grouping: UserGrouping) {
    #expect(UserGrouping(text) == grouping)
  }

  @Test(arguments: ["", "user", "user:", ":age", "history:", "history:x", "users:age"])
  func noTexts(_ text: String) {
    #expect(UserGrouping(text) == nil)
  }

  /// Ranks 1 and 100 are worth 1 and 0; what is beyond the users are misses.
  @Test(arguments: [
    ("user:gender", ["(missing): 1 of 0.0", "F: 2 of 0.5", "M: 1 of 1.0"]),
    ("user:age", ["≥ 20, < 30: 1 of 1.0", "≥ 30: 1 of 1.0", "(missing): 2 of 0.0"]),
    ("item:genres", ["(missing): 1 of 1.0", "comedy: 1 of 0.0", "drama: 3 of \(1.0 / 3)"]),
    ("history", ["< 5: 4 of 0.5"]),
  ])
  func groups(_ text: String, _ expected: [String]) throws {
    let groups = try #require(UserGrouping(text))
      .groups("NDCG@10", of: ranks([1, 1, 100, 100, .max]), split, seed: 1)
    #expect(groups.map { "\($0.group): \($0.users) of \($0.value)" } == expected)
  }

  @Test(arguments: [
    ("user:job", "the users have no attribute 'job', they have: gender, age"),
    ("item:vector", "groups are by a value or a number, and 'vector' of the items has many"),
  ])
  func unknownAttributes(_ text: String, _ message: String) throws {
    let grouping = try #require(UserGrouping(text))
    #expect(throws: SettingsError.doNotFit(message)) {
      try grouping.groups("NDCG@10", of: ranks([1, 1, 1, 1]), split, seed: 1)
    }
  }

  @Test func noTables() throws {
    let plain = Split.leaveOneOut(
      try SequenceDataset.load(
        path: folder.file("log.txt"), options: ReadingOptions(format: .sequences)))
    for (text, flag) in [("user:age", "--users"), ("item:genres", "--items")] {
      let grouping = try #require(UserGrouping(text))
      let error = try #require(throws: SettingsError.self) {
        try grouping.groups(
          "NDCG@10", of: ScoredCases(ranks: [1, 1, 1, 1], of: plain, .test), plain, seed: 1)
      }
      #expect(error.description.contains("add \(flag) FILE"))
    }
  }

  /// Ranks 3, 1, 9 and 1, of which three are among the first five.
  @Test func anyMetric() throws {
    let groups = try UserGrouping.history.groups(
      "HR@5", of: ranks([3, 1, 9, 1]), split, seed: 1)
    #expect(groups.map(\.value) == [0.75])
    #expect {
      try UserGrouping.history.groups("AUC", of: ranks([3, 1, 9, 1]), split, seed: 1)
    } throws: { error in
      "\(error)".contains("no figure 'AUC' of this task: HR@10, NDCG@10, MRR@10")
    }
  }

  /// u1's target is bought, u2's viewed, and u3's has no type; event types are those of a dataset.
  @Test func eventTypes() throws {
    let log = try folder.write(
      Array(
        """
        user,item,time,event
        u1,a,1,view
        u1,b,2,view
        u1,c,3,buy
        u2,a,1,buy
        u2,b,2,buy
        u2,c,3,view
        u3,a,1,view
        u3,b,2,view
        u3,c,3,

        """.utf8), to: "typed.csv")
    _ = try SequenceDataset.prepare(
      path: log, rules: DatasetRules(), to: folder.file("typed"), version: "test")
    let typed = Split.leaveOneOut(try SequenceDataset.load(path: folder.file("typed")))
    let groups = try UserGrouping.eventType.groups(
      "NDCG@10", of: ScoredCases(ranks: [1, 100, 1], of: typed, .test), typed, seed: 1)
    #expect(
      groups.map { "\($0.group): \($0.users) of \($0.value)" } == [
        "(missing): 1 of 1.0", "buy: 1 of 1.0", "view: 1 of 0.0",
      ])
    #expect(throws: SettingsError.self) {
      try UserGrouping.eventType.groups(
        "NDCG@10", of: ranks([1, 1, 1, 1]), split, seed: 1)
    }
  }
}
