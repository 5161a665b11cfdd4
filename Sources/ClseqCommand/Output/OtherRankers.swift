import Clseq

/// What to compare a model with.
enum OtherRankers {
  /// Test scores of what needs no training: the most popular items and, on the generated log, the
  /// best ranker there can be; for tasks without items simple answers.
  static func scores(
    beside trainer: Trainer
  ) throws -> [(title: String, scores: [String: Double])] {
    let settings = trainer.settings
    guard settings.task == .nextItem else {
      return answers(trainer.neighbours(of: .test), settings, .test)
    }
    return try rankers(settings, trainer.split, .test)
  }

  /// Scores on a part of the rankers beside a model that ranks items.
  static func rankers(
    _ settings: TrainingSettings, _ split: Split, _ part: Split.Part
  ) throws -> [(title: String, scores: [String: Double])] {
    let popularity = RankingMetrics(
      ranks: BaselineRun(.popularity, settings, split: split).ranks(of: part))
    guard settings.data.isEmpty, settings.splitBy == .leaveOneOut else {
      return [("popularity", popularity.dictionary)]
    }
    let best = RankingMetrics(ranks: try ShopLog.demo.bestRanks(split, part: part))
    return [("popularity", popularity.dictionary), ("best possible", best.dictionary)]
  }

  /// Scores on a part of the answers beside a model for another task.
  static func answers(
    _ neighbours: [Neighbour], _ settings: TrainingSettings, _ part: Split.Part
  ) -> [(title: String, scores: [String: Double])] {
    let answers = neighbours.map { ($0.title, $0.scores.dictionary) }
    guard settings.data.isEmpty, settings.task == .nextEventType, part == .test,
      settings.splitBy == .leaveOneOut, let best = settings.demo.bestTypeAccuracy()
    else { return answers }
    return answers + [("best possible", ["accuracy": best.last.measured])]
  }
}
