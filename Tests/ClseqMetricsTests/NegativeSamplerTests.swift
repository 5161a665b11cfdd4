import ClseqMetrics
import ClseqTestSupport
import Testing

@Suite struct NegativeSamplerTests {
  /// The numbers must be the same on every platform, so they are written down here.
  @Test func negativesAreFixed() {
    let sampler = NegativeSampler(count: 5, seed: 1)
    func draw(_ user: Int) -> [Int] {
      sampler.negatives(of: user, target: 7, seen: [1, 2], itemCount: 1_000)
    }
    #expect(draw(3) == [671, 235, 550, 782, 970])
    #expect(draw(3) == draw(3) && draw(3) != draw(4))
    #expect(
      draw(3)
        != NegativeSampler(count: 5, seed: 2)
        .negatives(of: 3, target: 7, seen: [1, 2], itemCount: 1_000))
  }

  @Test func negativesAreDistinctAndNew() {
    let seen: [Int32] = [2, 3, 5, 7, 500]
    for user in 0..<200 {
      let negatives = NegativeSampler(count: 12, seed: 9)
        .negatives(of: user, target: 4, seen: seen, itemCount: 20)
      #expect(negatives.count == 12 && Set(negatives).count == 12)
      #expect(Set(negatives).isDisjoint(with: [2, 3, 4, 5, 7]))
      #expect(negatives.allSatisfy { (1...20).contains($0) })
    }
  }

  /// Each of 8 free items is drawn for 3/8 of 8,000 users: 3,000 with a deviation of 43.
  @Test func everyItemIsAsLikely() {
    var counts = [Int](repeating: 0, count: 11)
    for user in 0..<8_000 {
      for item in NegativeSampler(count: 3, seed: 2)
        .negatives(of: user, target: 1, seen: [10], itemCount: 10)
      { counts[item] += 1 }
    }
    #expect(counts[1] == 0 && counts[10] == 0)
    #expect(counts[2...9].allSatisfy { abs($0 - 3_000) < 5 * 43 })
  }

  @Test(arguments: [3, 4, 100])
  func allThereAre(_ count: Int) {
    let negatives = NegativeSampler(count: count, seed: 1)
      .negatives(of: 0, target: 2, seen: [1, 3], itemCount: 6)
    #expect(negatives == [4, 5, 6])
  }

  /// All items are drawn: 1, 2 and 4 score above item 5, and 6 scores like it.
  @Test func rank() {
    let scores = [9, 9, 0, 9, 5, 5, 1].map(Double.init)
    let sampler = NegativeSampler(count: 10, seed: 1)
    func rank(seen: [Int], _ scores: [Double]) -> Int {
      sampler.rank(of: 0, target: 5, seen: seen, itemCount: 7) { scores[$0 - 1] }
    }
    #expect(rank(seen: [], scores) == 5)
    #expect(rank(seen: [1, 6], scores) == 3)
    #expect(rank(seen: [], [0, 0, 0, 0, .nan, 0, 0]) == 7)
    #expect(rank(seen: [], [0, .nan, 0, 0, 1, 0, 0]) == 2)
  }

  @Test func marked() {
    let sampled = SampledRanks([1, 3, 40], by: NegativeSampler(count: 100, seed: 4))
    let metrics = RankingMetrics(sampled, cutoffs: [10])
    #expect(metrics["NDCG@10"] == nil)
    #expect(metrics["NDCG@10 (100 sampled)"] == RankingMetrics(ranks: [1, 3, 40])["NDCG@10"])
    #expect(metrics.count == 3)
    #expect(sampled.sampler.description == "100 sampled, uniform, seed 4")
  }
}
