package import ClseqData
import ClseqRuns
package import ClseqSettings
import ClseqShop

/// Figures to compare a model with.
package enum OtherRankers {
  /// Figures and the title of a column.
  package typealias Column = (title: String, scores: [String: Double])

  /// Scores on a part beside those of a model: of the ranking of items those of ``rankers(_:_:_:)``, of
  /// other tasks simple answers.
  ///
  /// - Parameter neighbours: Gives the simple answers of a task.
  package static func scores(
    _ settings: TrainingSettings, _ split: Split, _ part: Split.Part,
    neighbours: (Split.Part) -> [Neighbour]
  ) throws -> [Column] {
    settings.task.answer == .ranking
      ? try rankers(settings, split, part) : answers(neighbours(part), settings, part)
  }

  /// Scores on a part of rankers without training: the most popular items, where seen items are
  /// candidates the latest ones of the user and, on the generated log, the best possible ranker.
  private static func rankers(
    _ settings: TrainingSettings, _ split: Split, _ part: Split.Part
  ) throws -> [Column] {
    let baselines: [Baseline] = split.seen == .allow ? [.popularity, .repeat] : [.popularity]
    let columns = baselines.map { baseline in
      let scores = BaselineRun(baseline, settings, split: split).scores(of: part)
      return (baseline.rawValue, scores.dictionary)
    }
    guard settings.data.isEmpty, settings.splitBy == .leaveOneOut else { return columns }
    let ranks = try ShopLog.demo.bestRanks(split, part: part)
    let best = TaskScores([ScoredCases(ranks: ranks, of: split, part)])
    return columns + [("best possible", best.dictionary)]
  }

  /// Scores on a part of the answers beside a model for another task than the ranking of items.
  package static func answers(
    _ neighbours: [Neighbour], _ settings: TrainingSettings, _ part: Split.Part
  ) -> [Column] {
    let answers = neighbours.map { ($0.title, $0.scores.dictionary) }
    guard settings.data.isEmpty, settings.targetRule == .nextType, part == .test,
      settings.splitBy == .leaveOneOut, let best = settings.demo.bestTypeAccuracy()
    else { return answers }
    return answers + [("best possible", ["accuracy": best.last.measured])]
  }
}
