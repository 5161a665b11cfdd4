import Clseq

/// Rankers to compare a model with.
enum OtherRankers {
  /// Test scores of popularity and, on the generated log, of the best ranker there can be.
  static func scores(
    of settings: TrainingSettings, _ dataset: SequenceDataset
  ) throws -> [(title: String, scores: [String: Double])] {
    let split = try settings.split(dataset)
    let popularity = RankingMetrics(
      ranks: try BaselineRun(.popularity, settings, dataset: dataset).ranks(of: .test))
    guard settings.data.isEmpty, settings.splitBy == .leaveOneOut else {
      return [("popularity", popularity.dictionary)]
    }
    let best = RankingMetrics(ranks: try ShopLog.demo.bestRanks(split, part: .test))
    return [("popularity", popularity.dictionary), ("best possible", best.dictionary)]
  }
}
