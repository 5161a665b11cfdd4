package import ClseqData
package import ClseqOps
import ClseqRuntime
package import ClseqSettings

extension Passport {
  /// What the scores of a run depend on.
  package init(_ settings: TrainingSettings, split: Split, backend: Backend) {
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
      device: backend.context?.device.name ?? "reference", clseqVersion: ClseqSettings.clseqVersion)
    timesBetween = source.reading?.timesBetween ?? "all"
    reading = source.reading
    if settings.ranksItems { setLeftOut { split.leftOut(of: $0) } }
    eventsHash = dataset.eventsHash(
      for: settings.targetRules, countsSessions: settings.splitBy == .session)
  }

  /// Takes what training, validation and test leave out.
  ///
  /// - Parameter counts: Those of a part; nil stands for training.
  package mutating func setLeftOut(_ counts: (Split.Part?) -> [String: Int]) {
    let parts: [(name: String, part: Split.Part?)] = [
      ("training", nil), ("validation", .validation), ("test", .test),
    ]
    leftOut = Dictionary(uniqueKeysWithValues: parts.map { ($0.name, counts($0.part)) })
      .filter { !$0.value.isEmpty }
  }
}
