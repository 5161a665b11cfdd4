import Clseq

/// Says what a split means for the figures to come.
enum SplitNotes {
  /// - Parameter passport: Has the cases that are left out; nil where nothing is scored.
  static func show(_ split: Split, _ settings: ResolvedSettings, _ passport: Passport? = nil) {
    for line in passport?.leftOutLines ?? [] { Console.note("left out of \(line)", settings) }
    if settings.ranksItems { Console.note(seenText(split, settings), settings) }
    if let warning = leakText(split) { Console.warn(warning, settings) }
  }

  /// Which items are candidates, and why.
  static func seenText(_ split: Split, _ settings: ResolvedSettings) -> String {
    let share = percent(split.repeatShare(of: .validation))
    let rule =
      split.seen == .allow
      ? "items that a user has seen are ranked" : "items that a user has seen are not ranked"
    return
      "\(rule) (--seen \(settings.seen.rawValue)): \(share) of the validation targets are repeats"
  }

  /// The training events that are later than test targets; nil where there are none.
  private static func leakText(_ split: Split) -> String? {
    guard let leaked = split.leakedEventCount, leaked > 0 else { return nil }
    let share = percent(Double(leaked) / Double(split.dataset.eventCount))
    return "training events later than half of the test targets: \(leaked) (\(share); split: "
      + "\(split.name)); --split-by time avoids it"
  }

  private static func percent(_ share: Double) -> String {
    "\(NumberText.fixed(100 * share, digits: 1)) %"
  }
}
