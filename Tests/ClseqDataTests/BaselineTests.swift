import ClseqData
import ClseqMetrics
import ClseqShop
import ClseqTestSupport
import Foundation
import Testing

@Suite struct BaselineTests {
  /// [log][seen rule][part][baseline][metric]: what `Benchmarks/baselines_check.py` computed.
  private typealias Goldens = [String: [String: [String: [String: [String: Double]]]]]

  private static func ranker(_ name: String, _ split: Split) -> (any BaselineRanker)? {
    switch name {
    case "recent-popularity (half-life 0.5)": RecentPopularityBaseline(split, halfLife: 0.5)
    case "item-knn (5 neighbours, shrinkage 2.0)":
      ItemKNNBaseline(split, neighbourCount: 5, shrinkage: 2)
    default: Baseline(rawValue: name)?.fitted(to: split)
    }
  }

  @Test(arguments: ["baselines.inter", "baselines.txt"], SeenRule.allCases)
  func scoresOfAnIndependentImplementation(_ log: String, _ seen: SeenRule) throws {
    let goldens = try JSONDecoder().decode(
      Goldens.self, from: Data(try Fixture.bytes("baselines.json")))
    let split = Split.leaveOneOut(try SequenceDataset.load(path: Fixture.path(log))).applying(seen)
    for part in Split.Part.allCases {
      let expected = try #require(goldens[log]?[seen.rawValue]?[part.rawValue])
      #expect(Set(expected.keys).isSuperset(of: Baseline.allCases.map(\.rawValue)))
      for (name, metrics) in expected {
        let ranker = try #require(Self.ranker(name, split))
        let scores = RankingMetrics(ranks: ranker.ranks(for: part))
        for (metric, value) in metrics {
          let score = try #require(scores[metric])
          #expect(abs(score - value) < Tolerance.meanGain, "\(name) \(metric) of \(part)")
        }
      }
    }
  }

  /// The list that a baseline gives after a history holds the target at the rank of the evaluation.
  @Test(arguments: Baseline.allCases, SeenRule.allCases)
  func listsAreThoseOfTheEvaluation(_ baseline: Baseline, _ seen: SeenRule) throws {
    let log = try ShopLog(users: 60, items: 40, eventsPerUser: 4...15, seed: 6)
    let split = Split.leaveOneOut(try log.dataset()).applying(seen)
    let ranker = baseline.fitted(to: split)
    let top = BaselineTop(ranker)
    var compared = 0
    for part in Split.Part.allCases {
      for (user, rank) in zip(split.users(of: part), ranker.ranks(for: part)) {
        let target = split.target(of: Int(user), for: part)
        let excluded = Set(split.exclusions(of: Int(user), for: part))
        let history = Array(split.history(of: Int(user), for: part))
        let list = top.items(40, after: history) { !excluded.contains($0) }
        #expect(Set(list.map(\.item)).count == list.count && list.allSatisfy { $0.score > 0 })
        #expect(zip(list, list.dropFirst()).allSatisfy { $0.score >= $1.score })
        #expect(Array(list.prefix(3)) == top.items(3, after: history) { !excluded.contains($0) })
        // An item of which nothing is known ties with all others, and is on no list.
        guard let place = list.firstIndex(where: { $0.item == target }) else { continue }
        #expect(rank == list.count { $0.score >= list[place].score })
        compared += 1
      }
    }
    #expect(compared > 5 || baseline == .repeat)
  }

  /// u1: 1 2 3 2 4 (the validation target was seen), u2: 3 1 5, u3: 5 4 3 2 1 1 (the test target was).
  private func smallSplit() throws -> Split {
    let file = try TemporaryFile("log.txt", "u1 a b c b d\nu2 c a e\nu3 e d c b a a\n")
    return Split.leaveOneOut(try SequenceDataset.load(path: file.path))
  }

  /// Where seen items are candidates, repeats are all that it earns; else nothing tells candidates
  /// apart, and a repeated target is missed.
  @Test func repetitionEarnsWhatTheRuleLeaves() throws {
    let split = try smallSplit()
    let (exclude, allow) = (RepeatBaseline(split), RepeatBaseline(split.applying(.allow)))
    #expect(exclude.ranks(for: .test) == [2, 3, .max])
    #expect(exclude.ranks(for: .validation) == [.max, 4, 1])
    #expect(allow.ranks(for: .test) == [5, 5, 1])
    // u1 met 3 after 2.
    #expect(allow.ranks(for: .validation) == [2, 5, 5])
    #expect(Split.Part.allCases.allSatisfy { abs(split.repeatShare(of: $0) - 1.0 / 3) < 1e-12 })
  }

  /// The figures of the ranks above, worked by hand: 1 / log2(1 + rank), 0 for a miss.
  @Test(arguments: [
    (SeenRule.exclude, 0.6666667, 0.3769766), (.allow, 1, 0.5912352),
  ])
  func aMissCountsForItsUser(_ seen: SeenRule, hitRate: Double, gain: Double) throws {
    let ranks = RepeatBaseline(try smallSplit().applying(seen)).ranks(for: .test)
    let metrics = RankingMetrics(ranks: ranks)
    #expect(abs(try #require(metrics["HR@10"]) - hitRate) < 1e-6)
    #expect(abs(try #require(metrics["NDCG@10"]) - gain) < 1e-6)
  }

  /// Training parts 1 2 3 | 3 | 5 4 3 2: popularities are 1 2 3 1 1 for items 1 to 5. By their last
  /// item, 2 goes on to 3, 1 to 2, and 3 to 2. u1 has seen 1 2 3; of 4 and 5, which tie, 4 is the
  /// target. u2 has seen 3 1: 2 beats 5, and 4 ties with it. u3 has seen all.
  @Test func transitionsThenPopularity() throws {
    let split = try smallSplit()
    #expect(MarkovBaseline(split).ranks(for: .test) == [2, 3, .max])
    // u1 has seen its target. u2: after 3, 2 leads; 1 ties with 4 and 5. u3: 1 is all it has not seen.
    #expect(MarkovBaseline(split).ranks(for: .validation) == [.max, 4, 1])
    // Among all items: the least popular ones tie behind all; u1's validation target 2 followed 3.
    let allow = MarkovBaseline(split.applying(.allow))
    #expect(allow.ranks(for: .test) == [5, 5, 5] && allow.ranks(for: .validation) == [1, 5, 5])
  }

  @Test func anEndlessHalfLifeIsPlainPopularity() throws {
    for log in ["baselines.inter", "baselines.txt"] {
      let split = Split.leaveOneOut(try SequenceDataset.load(path: Fixture.path(log)))
      #expect(
        RecentPopularityBaseline(split, halfLife: .infinity).ranks(for: .test)
          == PopularityBaseline(split).ranks(for: .test))
    }
  }

  /// Logs that differ in the test targets alone.
  @Test(arguments: Baseline.allCases)
  func validationKnowsNothingOfTheTest(_ baseline: Baseline) throws {
    let lines = ["a b c d", "b c d a", "c a b e", "d e a b"]
    let (left, right) = (lines.map { "\($0) e e" }, lines.map { "\($0) e a" })
    let ranks = try [left, right].map { log -> [Int] in
      let text = log.enumerated().map { "u\($0) \($1)\n" }.joined()
      let file = try TemporaryFile("log.txt", text)
      let split = Split.leaveOneOut(
        try SequenceDataset.load(path: file.path, options: ReadingOptions(format: .sequences)))
      return baseline.fitted(to: split).ranks(for: .validation)
    }
    #expect(ranks[0] == ranks[1])
  }

  @Test func moreNeighboursThanItemsAreNoError() throws {
    let split = try smallSplit()
    #expect(
      ItemKNNBaseline(split, neighbourCount: .max).ranks(for: .test)
        == ItemKNNBaseline(split, neighbourCount: 5).ranks(for: .test))
  }

  @Test func namesOfTheCommandLine() {
    #expect(
      Baseline.allCases.map(\.rawValue) == [
        "popularity", "recent-popularity", "repeat", "markov", "item-knn",
      ])
  }

  @Test func titlesCarryTheSettings() throws {
    let split = try smallSplit()
    #expect(
      Baseline.allCases.map { $0.fitted(to: split).title } == [
        "popularity", "recent-popularity (half-life 0.1)", "repeat", "markov",
        "item-knn (100 neighbours, shrinkage 0.0)",
      ])
  }
}
