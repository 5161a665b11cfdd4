import ClseqData
import ClseqShop
import ClseqTestSupport
import Testing

@Suite struct SplitTests {
  /// u1: 1 2 3 2 4 (item 2 comes twice), u2: 3 1 5, u3: 5 4 3 2 1 1 (the target was seen).
  private func split() throws -> Split {
    let file = try TemporaryFile("log.txt", "u1 a b c b d\nu2 c a e\nu3 e d c b a a\n")
    return Split.leaveOneOut(try SequenceDataset.load(path: file.path))
  }

  @Test func partsOfAUser() throws {
    let split = try split()
    #expect(Array(split.training(of: 0)) == [1, 2, 3])
    #expect(Array(split.history(of: 0, for: .validation)) == [1, 2, 3])
    #expect(split.target(of: 0, for: .validation) == 2)
    #expect(Array(split.history(of: 0, for: .test)) == [1, 2, 3, 2])
    #expect(split.target(of: 0, for: .test) == 4)
    #expect(Array(split.training(of: 1)) == [3])
    #expect(Array(split.history(of: 1, for: .test)) == [3, 1])
  }

  @Test func exclusionsAreDistinctAndThoseSeen() throws {
    let split = try split()
    #expect(split.exclusions(of: 0, for: .test) == [1, 2, 3])
    #expect(split.exclusions(of: 0, for: .validation) == [1, 2, 3])
    #expect(split.exclusions(of: 2, for: .test) == [1, 2, 3, 4, 5])
    #expect(split.exclusions(of: 2, for: .validation) == [2, 3, 4, 5])
  }

  /// Against ranks counted one by one.
  @Test(arguments: Split.Part.allCases)
  func popularityRanks(_ part: Split.Part) throws {
    let log = try ShopLog(users: 60, items: 20, eventsPerUser: 3...8, seed: 4)
    let split = Split.leaveOneOut(try log.dataset())
    let dataset = split.dataset
    var counts = [Int: Int]()
    for user in 0..<dataset.userCount {
      for item in split.training(of: user) { counts[Int(item), default: 0] += 1 }
    }
    let expected = (0..<dataset.userCount).map { user in
      let target = Int(split.target(of: user, for: part))
      let seen = Set(split.history(of: user, for: part).map(Int.init))
      return 1
        + (1...dataset.itemCount).count {
          $0 != target && !seen.contains($0) && counts[$0, default: 0] >= counts[target, default: 0]
        }
    }
    #expect(PopularityBaseline(split).ranks(for: part) == expected)
  }
}
