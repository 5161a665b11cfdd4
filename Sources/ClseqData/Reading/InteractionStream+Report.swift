import ClseqBase

extension InteractionStream {
  /// How the log was read and what was left out so far; of the whole log once `next()` has returned
  /// nil.
  public var report: ReadingReport {
    var report = ReadingReport(
      name: Self.fileName(of: path), format: format, separator: separator,
      encoding: hasMetLatin1 ? "Latin-1" : "UTF-8", compression: compression, records: recordCount)
    report.files = fileCount
    report.emptyFiles = emptyFiles.map(Self.fileName)
    report.passedOverFiles = passedOverFiles.map(Self.fileName)
    report.columns = columns
    report.otherTimeColumns = otherTimeColumns
    report.timesBetween = options.timesBetween?.text
    report.leftOut = leftOut.entries
    if !census.isEmpty {
      report.times = ReadingReport.Times(
        format: timeFormat?.text ?? "auto", first: CivilTime.text(census.least),
        last: CivilTime.text(census.most), areDays: census.areDays)
    }
    report.warnings = warnings
    return report
  }

  private static func fileName(of path: String) -> String {
    path.split(separator: "/").last.map(String.init) ?? path
  }

  /// What looks doubtful.
  private var warnings: [String] {
    var warnings = census.warnings(now: TimeCensus.now, names: shards.map { $0 == "-" ? path : $0 })
    if let other = otherTimeColumns.first, census.areDays, !census.isEmpty {
      warnings.append(
        "times are days, and the events of a day keep the order of the file: --time-column reads "
          + "another column, such as \(other)")
    }
    if hasCutTimes {
      warnings.append(
        "times are cut to microseconds: events within one keep the order of the file")
    }
    warnings += [
      TokenCensus.roundedWarning(users, noun: "users"),
      TokenCensus.roundedWarning(items, noun: "items"), TokenCensus.caseWarning(eventTypes),
    ].compactMap { $0 }
    return warnings
  }
}
