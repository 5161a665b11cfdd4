import ClseqBase
import ClseqInference
import ClseqOps
import ClseqRuns
import ClseqSettings
import Foundation

/// The logs of a run directory: `metrics.jsonl` and TensorBoard's event file.
final class RunLog {
  private let metrics: MetricsLog
  private let board: TensorBoardWriter

  /// Begins both, or continues them: the settings are at the head of every event file.
  ///
  /// - Parameter step: What older event files hold of this step and later ones never was, or comes
  ///   again.
  init(_ run: RunDirectory, _ settings: TrainingSettings, from step: Int) throws {
    metrics = try MetricsLog(path: run.layout.metricsPath)
    let date = Date()
    board = try TensorBoardWriter(directory: run.path, date: date)
    try board.restart(step: step, date: date)
    try board.append(
      [.sessionStart(settings, date: date), .text("config", settings.yaml)],
      step: 0, date: date)
    // What is flushed into a file is lost with its name.
    try DurableFiles.synchronise(run.path)
  }

  /// Adds one epoch to both.
  ///
  /// - Parameter store: The parameters after the epoch, with the gradients of its last step as they
  ///   were before clipping. They are all zero where no step was done since a run was resumed, and
  ///   are left out then.
  func append(_ epoch: EpochMetrics, of store: ParameterStore) throws {
    try metrics.append(epoch)
    let scalars =
      [
        ("loss/train", epoch.loss), ("learning_rate", epoch.learningRate),
        ("events_per_second", epoch.eventsPerSecond),
      ]
      + (epoch.auxiliaryLosses ?? [:]).sorted { $0.key < $1.key }.map {
        ("loss/\($0.key)", $0.value)
      }
      + epoch.validation.sorted { $0.key < $1.key }.map { ("validation/\($0.key)", $0.value) }
    var values = scalars.map { SummaryValue.scalar($0.0, $0.1) }
    values += Self.histograms("parameters", try store.backend.read(store.values), of: store)
    let gradients = try store.backend.read(store.gradients)
    if gradients.contains(where: { $0 != 0 }) {
      values += Self.histograms("gradients", gradients, of: store)
    }
    try board.append(values, step: epoch.step, date: Date())
  }

  /// Adds the scores of the best epoch, which the settings are seen beside.
  ///
  /// - Parameter step: Steps of the run.
  func finish(_ summary: TrainingSummary, step: Int) throws {
    let scores = [("best_validation", summary.validation), ("test", summary.test)]
    let values = scores.flatMap { title, scores in
      scores.sorted { $0.key < $1.key }.map { SummaryValue.scalar("\(title)/\($0.key)", $0.value) }
    }
    let date = Date()
    try board.append(
      values + [.scalar("best_epoch", Double(summary.bestEpoch)), .sessionEnd(date: date)],
      step: step, date: date)
  }

  /// One histogram for each array that a checkpoint has; of gradients, those of trained parameters.
  private static func histograms(
    _ title: String, _ values: [Float], of store: ParameterStore
  ) -> [SummaryValue] {
    ModelFile.entries(of: store).filter { $0.range.upperBound <= values.count }.compactMap {
      entry in
      ValueHistogram(values[entry.range]).map { .histogram("\(title)/\(entry.name)", $0) }
    }
  }
}

extension EpochMetrics {
  /// The epoch on one line, for people: the figure that epochs are chosen by, then HR@10 beside NDCG@10, or the first
  /// of the others.
  func line(_ scores: TaskScores, by selection: SelectionMetric, isBest: Bool) -> String {
    let digits = NumberText.fixed
    let hitRate = selection.name.replacing("NDCG@10", with: "HR@10")
    let others = scores.entries.filter { $0.name != selection.name }
    let second = others.first { $0.name == hitRate } ?? others.first
    let shown = (scores.entries.filter { $0.name == selection.name } + [second].compactMap(\.self))
      .map { "\($0.name) \(digits($0.value, 4))  " }
    return "epoch \(epoch)  loss \(digits(loss, 4))  validation \(shown.joined())"
      + "\(Int(eventsPerSecond)) events/s\(isBest ? "  best" : "")"
  }
}
