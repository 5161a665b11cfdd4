import ClseqBase
package import ClseqData
import ClseqNN
import ClseqOps
import ClseqRuntime
import Foundation

extension Trainer {
  /// Checks that the task, its inputs and its targets are those of a run.
  ///
  /// - Throws: ``SettingsError/doNotFit(_:)``, and what reading the file can throw.
  public func requireTask(of layout: RunLayout) throws {
    // Runs of versions that knew one task alone have no such file.
    guard FileManager.default.fileExists(atPath: layout.taskPath) else { return }
    let bytes = try Data(contentsOf: URL(fileURLWithPath: layout.taskPath))
    try job.description.requireEqual(
      to: try JSONText.decoder.decode(TaskDescription.self, from: bytes))
  }
}

extension Trainer {
  /// What a head says of an event, or a user, that the evaluation asks about.
  package struct AskedRow {
    /// The user, from 0 in the split's dataset.
    package let user: Int
    /// The place of the event that is asked about, or after which is asked.
    package let place: Int
    package let said: Prediction
  }

  /// What the present model says of all that the evaluation of a part asks about, for each head.
  package func predictions(of part: Split.Part) throws -> [[AskedRow]] {
    let tasks = (job.task as? MultiTask)?.parts.map(\.task) ?? [job.task]
    return try tasks.compactMap { $0 as? RowTask }.map { task in
      let outputs = try task.outputs(of: part, by: runner)
      return (0..<outputs.count).map { row in
        let values = outputs.values[row * outputs.width..<(row + 1) * outputs.width]
        return AskedRow(
          user: Int(outputs.users[row]), place: outputs.places[row],
          said: Prediction(task.goal, Array(values)))
      }
    }
  }

  /// Whether the model is asked about each event.
  package var asksAboutEvents: Bool { job.description.inputs.asksAboutEvents }

  /// From when targets look ahead in training and evaluation, if they do.
  package var cutoff: Int64? { job.description.cutoff }
}

/// What a step has computed up to its loss.
struct ForwardPass {
  let events: EventBatch
  let tape: Tape
  /// `[N, state width]`.
  let states: Tensor
  /// `[1]`.
  let loss: Tensor
}

extension Passport {
  /// What the scores of a run depend on.
  init(_ settings: TrainingSettings, split: Split, backend: Backend) {
    let (dataset, source) = (split.dataset, split.dataset.source)
    self.init(
      task: settings.taskTitle, dataHash: source.hash, users: dataset.userCount,
      items: dataset.itemCount,
      events: dataset.eventCount, split: split.name, timeTieRule: source.tieRule,
      scoreTieRule: settings.ranksItems ? "a tied item counts against the target" : "none",
      seen: settings.ranksItems ? split.seen.rawValue : "none",
      ranking: settings.ranksItems ? split.ranking : "none",
      data: source.name, model: settings.model.rawValue,
      maxLength: settings.maxLength, seed: settings.seed,
      device: backend.context?.device.name ?? "reference", clseqVersion: ClseqTraining.clseqVersion)
    timesBetween = source.reading?.timesBetween ?? "all"
    reading = source.reading
    if settings.ranksItems { setLeftOut { split.leftOut(of: $0) } }
    eventsHash = dataset.eventsHash(
      for: settings.targetRules, countsSessions: settings.splitBy == .session)
  }

  /// Takes what training, validation and test leave out.
  ///
  /// - Parameter counts: Those of a part; nil stands for training.
  mutating func setLeftOut(_ counts: (Split.Part?) -> [String: Int]) {
    let parts: [(name: String, part: Split.Part?)] = [
      ("training", nil), ("validation", .validation), ("test", .test),
    ]
    leftOut = Dictionary(uniqueKeysWithValues: parts.map { ($0.name, counts($0.part)) })
      .filter { !$0.value.isEmpty }
  }
}
