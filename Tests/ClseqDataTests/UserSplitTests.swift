import ClseqData
import ClseqShop
import Testing

@Suite struct UserSplitTests {
  private func dataset() throws -> SequenceDataset {
    try ShopLog(users: 200, items: 30, eventsPerUser: 3...12, seed: 3).dataset()
  }

  /// A user is for training, validation or test, and each of them is somewhere.
  @Test func usersAreApart() throws {
    let dataset = try dataset()
    let split = try Split.users(dataset, validationShare: 0.2, testShare: 0.3, seed: 1)
    let evaluated = Split.Part.allCases.map { Set(split.users(of: $0).map { Int($0) }) }
    #expect(evaluated[0].isDisjoint(with: evaluated[1]))
    #expect((20...60).contains(evaluated[0].count) && (40...80).contains(evaluated[1].count))
    for user in 0..<dataset.userCount {
      let isEvaluated = evaluated[0].contains(user) || evaluated[1].contains(user)
      #expect(split.training(of: user).count == (isEvaluated ? 0 : dataset[user].count))
    }
    for user in evaluated[1] {
      #expect(Array(split.history(of: user, for: .test)) == Array(dataset[user].dropLast()))
      #expect(split.target(of: user, for: .test) == dataset[user].last)
    }
  }

  @Test func theChoiceFollowsFromTheSeed() throws {
    let dataset = try dataset()
    let users = try [1, 1, 2].map { try Split.users(dataset, seed: $0).users(of: .test) }
    #expect(users[0] == users[1] && users[0] != users[2])
  }

  @Test func aPartWithoutUsersIsRefused() throws {
    let dataset = try dataset()
    for (validation, test, part) in [
      (0.0, 0.5, "validation"), (0.5, 0.0, "test"), (0.5, 0.6, "training"),
    ] {
      #expect(throws: DataError.emptyPart(path: dataset.source.name, part: part, split: .user)) {
        try Split.users(dataset, validationShare: validation, testShare: test, seed: 1)
      }
    }
  }
}
