import ClseqMetrics
import ClseqTestSupport
import Testing

@Suite struct RankingMetricTests {
  /// Rank, cutoff, HR, NDCG, MRR. 1 / log₂(3) = 0.630929753571457…, 1 / log₂(11) =
  /// 0.289064826317888….
  @Test(
    arguments: [
      (1, 5, 1.0, 1.0, 1.0),
      (2, 5, 1, 0.6309297535714575, 0.5),
      (3, 5, 1, 0.5, 1.0 / 3),
      (5, 5, 1, 0.38685280723454163, 0.2),
      (6, 5, 0, 0, 0),
      (10, 10, 1, 0.2890648263178879, 0.1),
      (11, 10, 0, 0, 0),
      (1_000_000, 20, 0, 0, 0),
    ] as [(Int, Int, Double, Double, Double)])
  func values(_ rank: Int, _ cutoff: Int, _ hit: Double, _ gain: Double, _ reciprocal: Double) {
    #expect(HitRate(at: cutoff).value(rank: rank) == hit)
    #expect(abs(NDCG(at: cutoff).value(rank: rank) - gain) < Tolerance.mean)
    #expect(abs(MRR(at: cutoff).value(rank: rank) - reciprocal) < Tolerance.mean)
  }

  @Test func valuesOfRanks() {
    #expect(MRR(at: 3).values(ranks: [1, 2, 4]) == [1, 0.5, 0])
  }

  @Test func names() {
    #expect(
      RankingMetrics(ranks: []).names == [
        "HR@5", "HR@10", "HR@20", "NDCG@5", "NDCG@10", "NDCG@20", "MRR@5", "MRR@10", "MRR@20",
      ])
  }

  @Test func meansOverTargets() throws {
    let metrics = RankingMetrics(ranks: [1, 3, 7, 500])
    #expect(metrics.count == 4)
    #expect(metrics["HR@5"] == 0.5 && metrics["HR@10"] == 0.75 && metrics["HR@20"] == 0.75)
    #expect(metrics["NDCG@5"] == 0.375)
    let reciprocal = try #require(metrics["MRR@10"])
    #expect(abs(reciprocal - (1 + 1.0 / 3 + 1.0 / 7) / 4) < Tolerance.mean)
    #expect(metrics["NDCG@7"] == nil)
    #expect(metrics.dictionary.count == 9 && metrics.dictionary["HR@10"] == 0.75)
  }

  @Test func noTargets() {
    let metrics = RankingMetrics(ranks: [Int]())
    #expect(metrics.count == 0 && metrics["NDCG@10"] == 0)
  }

  @Test func otherCutoffs() {
    #expect(RankingMetrics(ranks: [2], cutoffs: [1, 2]).names.prefix(2) == ["HR@1", "HR@2"])
  }

  @Test func metricsByTitle() {
    #expect(RankingMetrics.metric(named: "HR@7")?.title == "HR@7")
    #expect(RankingMetrics.metric(named: "NDCG@10")?.value(rank: 1) == 1)
    for title in ["HR", "HR@", "HR@0", "HR@-1", "hr@5", "AUC@5", "HR@5@5", "@5", "", "Recall@5"] {
      #expect(RankingMetrics.metric(named: title) == nil, "\(title)")
    }
  }
}
