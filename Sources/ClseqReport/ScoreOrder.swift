import ClseqMetrics
import ClseqSettings

/// The order of scores of which only the names are known.
enum ScoreOrder {
  /// All figures of a task, by part in the order of the settings, then in the order of tables.
  static func sorted(_ names: some Collection<String>, _ settings: TrainingSettings) -> [String] {
    let isBinary = names.contains { $0.hasSuffix(CalibrationError().title) }
    let figures = RankingMetrics(ranks: []).names + (isBinary ? binary : others)
    func place(_ name: String) -> (part: Int, figure: Int) {
      let figure = figures.firstIndex { name == $0 || name.hasSuffix(" \($0)") } ?? figures.count
      let parts = settings.tasks.parts.map(\.name)
      return (parts.firstIndex { name.hasPrefix($0) } ?? parts.count, figure)
    }
    return names.map { ($0, place($0)) }.sorted {
      ($0.1.part, $0.1.figure, $0.0) < ($1.1.part, $1.1.figure, $1.0)
    }.map(\.0)
  }

  /// The name that decides: NDCG@10 of a ranking, else the first.
  static func deciding(_ names: [String]) -> String? {
    guard let first = names.first, first.hasSuffix("HR@5") else { return names.first }
    return first.dropLast("HR@5".count) + "NDCG@10"
  }

  private static let binary = [
    AUC.name, GAUC.name, AveragePrecision.name, LogLoss.name, CalibrationError().title,
    Accuracy.name,
  ]
  private static let others = [
    AUC.name, AveragePrecision.name, Accuracy.name, ClassF1.name, LogLoss.name, RMSE.name, MAE.name,
    ConcordanceIndex.name,
  ]
}
