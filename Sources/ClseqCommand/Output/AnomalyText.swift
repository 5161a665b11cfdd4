import Clseq

/// The most unusual sequences for people, and the check by labels.
enum AnomalyText {
  /// The maximum number of events that a line names; all are in the document and in the file.
  private static let namedEvents = 3

  /// Sequences and the threshold, a line for each of the most unusual sequences, then the figures of labels.
  static func text(of report: AnomalyReport) -> String {
    var text = """
      \(counted(report.sequences, "sequence")) of \(report.of), \(report.flagged) above the threshold \
      \(fixed(report.threshold)), which \(percent(report.quantile)) of \
      \(counted(report.trainingSequences, "training sequence")) are not\n
      """
    if report.unscored > 0 {
      text += "\(counted(report.unscored, "sequence")) too short for a score\n"
    }
    if report.unknownEvents > 0 {
      text += "\(counted(report.unknownEvents, "event")) of items that the model does not know\n"
    }
    if !report.mostUnusual.isEmpty { text += "\n" + sequences(of: report) }
    if let check = report.check { text += "\n" + self.text(of: check) }
    return text
  }

  private static func sequences(of report: AnomalyReport) -> String {
    let hasEvents = report.mostUnusual.contains { !$0.unusual.isEmpty }
    var table = TextTable(
      header: ["", report.of, "score", "events", "unknown", "pattern"]
        + (hasEvents ? ["scored", "least likely"] : []),
      alignment: [.left, .left, .right, .right, .right, .left]
        + (hasEvents ? [.right, .left] : []))
    for entry in report.mostUnusual {
      let unusual = entry.unusual.prefix(namedEvents).map { event in
        let item = event.item ?? "unknown"
        return "\(event.number): \(event.title.map { "\(item) \($0)" } ?? item)"
      }
      table.append(
        [
          entry.isFlagged ? "*" : "", entry.id, entry.score.map(fixed) ?? "",
          "\(entry.facts.events)", "\(entry.unknownEvents)",
          entry.patterns.map(\.rawValue).joined(separator: " "),
        ]
          + (hasEvents
            ? ["\(entry.from ?? 0)-\(entry.to ?? 0)", unusual.joined(separator: ", ")] : []))
    }
    return table.text
  }

  private static func text(of check: AnomalyCheck) -> String {
    var table = TextTable(
      header: ["label", "sequences", "AUC", "in random order", "PR-AUC", "flagged", "patterns"],
      alignment: [.left, .right, .right, .right, .right, .right, .left])
    for kind in check.kinds {
      let patterns = BehaviourPattern.allCases.compactMap { pattern -> String? in
        guard let share = kind.patterns[pattern.rawValue], share > 0 else { return nil }
        return "\(pattern.rawValue) \(percent(share))"
      }
      table.append([
        kind.kind, "\(kind.sequences)", kind.auc.map(fixed) ?? "",
        kind.aucShuffled.map(fixed) ?? "", kind.averagePrecision.map(fixed) ?? "",
        percent(kind.recall), patterns.joined(separator: ", "),
      ])
    }
    return table.text
  }

  private static func fixed(_ number: Double) -> String { NumberText.fixed(number, digits: 3) }
  private static func percent(_ share: Double) -> String {
    NumberText.fixed(100 * share, digits: 1) + " %"
  }
}
