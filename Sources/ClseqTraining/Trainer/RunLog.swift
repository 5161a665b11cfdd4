import Foundation

/// The logs of a run directory: `metrics.jsonl` and TensorBoard's event file.
final class RunLog {
  private let metrics: MetricsLog
  private let board: TensorBoardWriter

  init(_ run: RunDirectory) throws {
    metrics = try MetricsLog(path: run.layout.metricsPath)
    board = try TensorBoardWriter(directory: run.path, date: Date())
    // What is flushed into a file is lost with its name.
    try DurableFiles.synchronise(run.path)
  }

  /// Adds one epoch to both.
  func append(_ epoch: EpochMetrics) throws {
    try metrics.append(epoch)
    let scalars =
      [
        ("loss/train", epoch.loss), ("learning_rate", epoch.learningRate),
        ("events_per_second", epoch.eventsPerSecond),
      ] + epoch.validation.sorted { $0.key < $1.key }.map { ("validation/\($0.key)", $0.value) }
    try board.append(
      scalars.map { (tag: $0.0, value: $0.1) }, step: epoch.step, date: Date())
  }
}

extension EpochMetrics {
  /// The epoch on one line, for people: of the figures those at 10, or the first two.
  func line(_ scores: TaskScores, isBest: Bool) -> String {
    let digits = ProgressReport.fixed
    let ranking = scores.entries.filter { ["NDCG@10", "HR@10"].contains($0.name) }
    let shown = (ranking.isEmpty ? Array(scores.entries.prefix(2)) : ranking.reversed())
      .map { "\($0.name) \(digits($0.value, 4))  " }
    return "epoch \(epoch)  loss \(digits(loss, 4))  validation \(shown.joined())"
      + "\(Int(eventsPerSecond)) events/s\(isBest ? "  best" : "")"
  }
}
