import ClseqOps
import ClseqTestSupport
import Testing

/// Users, a table and exclusions. Vectors hold small integers, so that every order of summation
/// gives the same scores, and there are many ties.
private struct RankingCase {
  let users: Int
  let width: Int
  let itemCount: Int
  let firstItem: Int
  var x: [Float]
  var table: [Float]
  var targets: [Int32]
  var excluded: [[Int32]]

  init(_ users: Int, _ width: Int, _ itemCount: Int, firstItem: Int = 1) {
    self.users = users
    self.width = width
    self.itemCount = itemCount
    self.firstItem = firstItem
    var numbers = TestNumbers(seed: UInt64(users * 1009 + width * 31 + itemCount))
    x = numbers.floats(users * width).map { $0.rounded() }
    table = numbers.floats((firstItem + itemCount + 2) * width).map { $0.rounded() }
    targets = (0..<users).map { Int32(firstItem + $0 * 37 % itemCount) }
    excluded = []
    for user in 0..<users {
      let rows = Set(
        numbers.indices(user % 7, below: Int32(itemCount)).map { Int32(firstItem) + $0 })
      excluded.append(rows.subtracting([targets[user]]).sorted())
    }
  }

  private var scores: [[Float]] {
    let items = HostArray(Array(table[firstItem * width..<(firstItem + itemCount) * width]))
    return (0..<users).map { user in
      let vector = HostArray(Array(x[user * width..<(user + 1) * width]))
      return withExtendedLifetime((vector, items)) {
        RankingReference.scores(user: vector.buffer, items: items.buffer)
      }
    }
  }

  private func excludedItems(_ user: Int) -> Set<Int> {
    Set(excluded[user].map { Int($0) - firstItem })
  }

  var expectedRanks: [Int32] {
    scores.enumerated().map { user, scores in
      Int32(
        RankingReference.rank(
          of: Int(targets[user]) - firstItem, scores: scores, excluded: excludedItems(user)))
    }
  }

  func expectedTop(_ k: Int) -> (rows: [Int32], scores: [Float]) {
    var answer: (rows: [Int32], scores: [Float]) = ([], [])
    for (user, scores) in scores.enumerated() {
      let top = RankingReference.top(k, scores: scores, excluded: excludedItems(user))
      let missing = k - top.count
      answer.rows += top.map { Int32(firstItem + $0) } + .init(repeating: -1, count: missing)
      answer.scores += top.map { scores[$0] } + .init(repeating: -.infinity, count: missing)
    }
    return answer
  }

  private func exclusions(_ backend: Backend) throws -> UserRows {
    var offsets: [Int32] = [0]
    for rows in excluded { offsets.append(offsets.last! + Int32(rows.count)) }
    return UserRows(
      offsets: try backend.indices(offsets), rows: try backend.indices(excluded.flatMap { $0 }))
  }

  func ranks(on backend: Backend) throws -> [Int32] {
    try backend.read(
      try backend.rankTargets(
        try backend.tensor(x, [users, width]),
        table: try backend.tensor(table, [table.count / width, width]),
        targets: try backend.indices(targets), excluding: try exclusions(backend),
        firstItem: firstItem, itemCount: itemCount))
  }

  /// The ranks among all items that are not excluded, given as candidates.
  func ranksAmongCandidates(on backend: Backend) throws -> [Int32] {
    let items = Int32(firstItem)..<Int32(firstItem + itemCount)
    let candidates = excluded.map { excluded in items.filter { !excluded.contains($0) } }
    var offsets: [Int32] = [0]
    for rows in candidates { offsets.append(offsets.last! + Int32(rows.count)) }
    return try backend.read(
      try backend.rankTargets(
        try backend.tensor(x, [users, width]),
        table: try backend.tensor(table, [table.count / width, width]),
        targets: try backend.indices(targets),
        among: UserRows(
          offsets: try backend.indices(offsets),
          rows: try backend.indices(candidates.flatMap { $0 })),
        firstItem: firstItem, itemCount: itemCount))
  }

  func top(_ k: Int, on backend: Backend) throws -> (rows: [Int32], scores: [Float]) {
    let top = try backend.topItems(
      k, try backend.tensor(x, [users, width]),
      table: try backend.tensor(table, [table.count / width, width]),
      excluding: try exclusions(backend), firstItem: firstItem, itemCount: itemCount)
    return (try backend.read(top.rows), try backend.read(top.scores))
  }
}

@Suite struct RankingTests {
  /// The case with 33,000 items has two chunks of users.
  private static let cases = [
    RankingCase(1, 1, 1), RankingCase(3, 2, 7), RankingCase(25, 31, 64),
    RankingCase(65, 33, 100, firstItem: 0), RankingCase(130, 64, 333, firstItem: 3),
    RankingCase(66, 1, 33_000), RankingCase(7, 1, 50),
  ]
  private static let ranks = cases.map(\.expectedRanks)
  private static let tops = cases.map { $0.expectedTop(100) }

  @Test(arguments: TestBackend.allCases, cases.indices)
  func ranksMatchTheReference(_ kind: TestBackend, index: Int) throws {
    let backend = try kind.make()
    let inUse = backend.bytesInUse
    #expect(try Self.cases[index].ranks(on: backend) == Self.ranks[index])
    #expect(backend.bytesInUse == inUse)
  }

  @Test(arguments: TestBackend.allCases, cases.indices)
  func topItemsMatchTheReference(_ kind: TestBackend, index: Int) throws {
    let backend = try kind.make()
    let inUse = backend.bytesInUse
    let expected = Self.tops[index]
    for k in [1, 10, 100] {
      let actual = try Self.cases[index].top(k, on: backend)
      let kept = (0..<Self.cases[index].users).flatMap { $0 * 100..<$0 * 100 + k }
      #expect(actual.rows == kept.map { expected.rows[$0] })
      #expect(actual.scores == kept.map { expected.scores[$0] })
    }
    #expect(backend.bytesInUse == inUse)
  }

  @Test(arguments: TestBackend.allCases)
  func everyTieCountsAgainstTheTarget(_ kind: TestBackend) throws {
    var example = RankingCase(9, 4, 50)
    example.x = .init(repeating: 0, count: example.x.count)
    let expected = example.excluded.map { Int32(49 - $0.count) }
    #expect(try example.ranks(on: try kind.make()) == expected)
  }

  /// Equal rows must give equal bits at any position, also for inputs that round.
  @Test(arguments: TestBackend.allCases)
  func equalRowsTieExactly(_ kind: TestBackend) throws {
    var example = RankingCase(50, 37, 211)
    var numbers = TestNumbers(seed: 5)
    example.x = numbers.floats(example.x.count)
    let row = numbers.floats(example.width)
    example.table = (0..<example.table.count).map { row[$0 % example.width] }
    example.excluded = .init(repeating: [], count: example.users)
    #expect(try example.ranks(on: try kind.make()) == .init(repeating: 210, count: 50))
  }

  @Test(arguments: TestBackend.allCases)
  func notANumberCountsAgainstTheTargetAndIsNeverRecommended(_ kind: TestBackend) throws {
    let backend = try kind.make()
    var example = RankingCase(2, 1, 4)
    example.x = [1, .nan]
    example.table = [0, 5, .nan, 3, 4, 0, 0]
    example.targets = [1, 1]
    example.excluded = [[], []]
    #expect(try example.ranks(on: backend) == [1, 3])
    #expect(try example.top(3, on: backend).rows == [1, 4, 3, -1, -1, -1])
  }

  @Test(arguments: TestBackend.allCases)
  func aTargetThatIsNoItemRanksBehindAll(_ kind: TestBackend) throws {
    var example = RankingCase(5, 3, 20)
    example.targets = [0, 21, -1, .max, .min]
    #expect(try example.ranks(on: try kind.make()) == .init(repeating: 20, count: 5))
  }

  /// At any position among the excluded rows, and with any score.
  @Test(arguments: TestBackend.allCases)
  func aTargetThatIsExcludedIsMissed(_ kind: TestBackend) throws {
    var example = RankingCase(140, 3, 300)
    let plain = example.expectedRanks
    for user in stride(from: 0, to: 140, by: 3) {
      example.excluded[user] = (example.excluded[user] + [example.targets[user]]).sorted()
    }
    let ranks = try example.ranks(on: try kind.make())
    #expect(
      ranks == (0..<140).map { $0 % 3 == 0 ? 300 : plain[$0] } && ranks == example.expectedRanks)
  }

  @Test(arguments: TestBackend.allCases)
  func rowsExcludedTwiceOrOutsideTheItemsDoNoHarm(_ kind: TestBackend) throws {
    let backend = try kind.make()
    var example = RankingCase(2, 3, 20)
    let plain = (try example.ranks(on: backend), try example.top(20, on: backend))
    example.excluded = example.excluded.map { [-7, 0] + $0 + $0.suffix(1) + [21, 4000] }
    #expect(try example.ranks(on: backend) == plain.0)
    #expect(try example.top(20, on: backend).rows == plain.1.rows)
  }

  @Test(arguments: TestBackend.allCases, cases.indices)
  func ranksAmongCandidatesAreThoseAmongAllThatAreNotExcluded(
    _ kind: TestBackend, index: Int
  ) throws {
    let backend = try kind.make()
    let inUse = backend.bytesInUse
    #expect(try Self.cases[index].ranksAmongCandidates(on: backend) == Self.ranks[index])
    #expect(backend.bytesInUse == inUse)
  }

  /// Scores have the same bits in both rankings: with nearly equal rows every rank depends on them.
  @Test(arguments: TestBackend.allCases)
  func candidatesScoreAsAllItemsDo(_ kind: TestBackend) throws {
    let backend = try kind.make()
    var example = RankingCase(40, 37, 211)
    var numbers = TestNumbers(seed: 7)
    example.x = numbers.floats(example.x.count)
    let row = numbers.floats(example.width)
    example.table = (0..<example.table.count).map { place in
      row[place % example.width] + (place % 11 == 0 ? 1e-7 : 0)
    }
    #expect(try example.ranksAmongCandidates(on: backend) == example.ranks(on: backend))
  }

  @Test(arguments: TestBackend.allCases)
  func candidatesThatAreNoItemsDoNotCount(_ kind: TestBackend) throws {
    let backend = try kind.make()
    let table: [Float] = [9, 1, 2, 3, 4, 9]
    let ranks = try backend.rankTargets(
      try backend.tensor([1, 1, 1], [3, 1]), table: try backend.tensor(table, [6, 1]),
      targets: try backend.indices([2, 0, 3]),
      among: UserRows(
        offsets: try backend.indices([0, 6, 7, 7]),
        rows: try backend.indices([0, 5, -4, 3, 2, .max, 1])),
      firstItem: 1, itemCount: 4)
    #expect(try backend.read(ranks) == [1, 4, 0])
  }
}

/// Scores that are read to the host.
@Suite struct ItemScoresTests {
  /// They are, bit by bit, those of the best items; for more users than a chunk has, and widths off the vector's.
  @Test(arguments: TestBackend.allCases, [(1, 31, 5), (3, 64, 33), (150, 33, 65), (70, 8, 40_000)])
  func scoresAreThoseOfTheBestItems(
    _ kind: TestBackend, _ size: (users: Int, width: Int, items: Int)
  ) throws {
    let backend = try kind.make()
    var numbers = TestNumbers(seed: 12)
    let x = try backend.tensor(numbers.floats(size.users * size.width), [size.users, size.width])
    let table = try backend.tensor(
      numbers.floats((size.items + 3) * size.width), [size.items + 3, size.width])
    let none = UserRows(
      offsets: try backend.indices([Int32](repeating: 0, count: size.users + 1)),
      rows: try backend.indices([]))
    let count = min(size.items, 40)
    let best = try backend.topItems(
      count, x, table: table, excluding: none, firstItem: 2, itemCount: size.items)
    let (rows, scores) = (try backend.read(best.rows), try backend.read(best.scores))
    var users: [Int] = []
    try backend.readScores(x, table: table, firstItem: 2, itemCount: size.items) { user, found in
      users.append(user)
      #expect(found.count == size.items && found.max() == scores[user * count])
      for place in user * count..<(user + 1) * count {
        #expect(found[Int(rows[place]) - 2] == scores[place])
      }
    }
    #expect(users == Array(0..<size.users))
  }
}
