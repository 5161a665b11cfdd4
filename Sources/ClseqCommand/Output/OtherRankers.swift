import Clseq

/// What to compare a model with.
enum OtherRankers {
  /// Test scores of what needs no training: the most popular items and, on the generated log, the
  /// best ranker there can be; for tasks without items the same answer for everyone.
  static func scores(
    beside trainer: Trainer, _ dataset: SequenceDataset
  ) throws -> [(title: String, scores: [String: Double])] {
    let settings = trainer.settings
    guard settings.task == .nextItem else {
      let constant = ("constant", trainer.constantScores(of: .test).dictionary)
      guard settings.data.isEmpty, settings.task == .nextEventType,
        settings.splitBy == .leaveOneOut, let best = settings.demo.bestTypeAccuracy()
      else { return [constant] }
      return [constant, ("best possible", ["accuracy": best.last.measured])]
    }
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
