import ClseqMetrics
import Testing

@Suite struct RankFigureTests {
  /// The same bits as the mean of the metric's values, also for targets that are missed.
  @Test(arguments: [1, 5, 10])
  func aFigureOfRanksIsTheMeanOfTheirValues(cutoff: Int) {
    let ranks = (0..<200).map { $0 % 7 == 0 ? Int.max : 1 + $0 * 37 % 23 }
    let counts = ranks.indices.map { Int32($0 * 5 % 4) }
    for type in RankingMetrics.metrics {
      let metric = type.init(at: cutoff)
      let figure = RankFigure(metric, ranks: ranks)
      let plain = MeanFigure(ofUsers: metric.values(ranks: ranks))
      #expect(figure.userCount == 200 && figure.value == plain.value)
      #expect(figure.value(counts) == plain.value(counts))
      #expect(figure.value([Int32](repeating: 0, count: 200)) == nil)
    }
    #expect(RankFigure(NDCG(at: cutoff), ranks: []).value == nil)
  }
}
