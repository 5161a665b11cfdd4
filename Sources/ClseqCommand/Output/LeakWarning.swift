import Clseq

/// Says what a split tells a model of the future of those whom it is asked for.
enum LeakWarning {
  static func show(_ split: Split, _ settings: TrainingSettings) {
    guard let leaked = split.leakedEventCount, leaked > 0 else { return }
    let share = 100 * Double(leaked) / Double(split.dataset.eventCount)
    Console.warn(
      "training has \(leaked) events (\(ProgressReport.fixed(share, digits: 0)) %) later than half of "
        + "the test targets (split: \(split.name)); --split-by time does not",
      settings)
  }
}
