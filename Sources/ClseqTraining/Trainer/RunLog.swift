import Foundation

/// The logs of a run directory: `metrics.jsonl` and TensorBoard's event file.
final class RunLog {
  private let metrics: MetricsLog
  private let board: TensorBoardWriter

  init(_ run: RunDirectory) throws {
    metrics = try MetricsLog(path: run.layout.metricsPath)
    board = try TensorBoardWriter(directory: run.path, date: Date())
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
  /// The epoch on one line, for people.
  func line(isBest: Bool) -> String {
    let digits = ProgressReport.fixed
    return "epoch \(epoch)  loss \(digits(loss, 4))  "
      + "validation NDCG@10 \(digits(validation["NDCG@10"] ?? .nan, 4))  "
      + "HR@10 \(digits(validation["HR@10"] ?? .nan, 4))  "
      + "\(Int(eventsPerSecond)) events/s\(isBest ? "  best" : "")"
  }
}
