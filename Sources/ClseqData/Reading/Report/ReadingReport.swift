/// How a log was read, what of it was left out, and what looks doubtful in it. Nothing is guessed or
/// dropped that does not stand here.
public struct ReadingReport: Sendable, Equatable, Codable {
  /// A column that was read.
  public struct Column: Sendable, Equatable, Codable {
    /// What it tells.
    public var role: ColumnRole
    /// Its name in the file; its number, from 1, where there is no header.
    public var name: String
  }

  /// The times of the events that were read.
  public struct Times: Sendable, Equatable, Codable {
    /// How they are written: `s`, `ms`, `us` or `ns` since 1970, `iso8601`, `yyyymmdd` or a pattern.
    public var format: String
    /// The earliest, as ISO 8601 in UTC.
    public var first: String
    /// The latest.
    public var last: String
    /// Whether all are the starts of days, so that the order within a day is that of the file.
    public var areDays: Bool

    private enum CodingKeys: String, CodingKey {
      case format, first, last
      case areDays = "whole_days"
    }
  }

  /// Records, or events, users and items, that are no part of the dataset, for one reason.
  public struct LeftOut: Sendable, Equatable, Codable {
    /// The option or the rule that left them out: `skip-bad`, `missing`, `times-between`, …
    public var rule: String
    /// What was wrong with them.
    public var reason: String
    /// Records that are no events for that.
    public var records = 0
    /// Events.
    public var events = 0
    /// Users who have no event left for that.
    public var users = 0
    /// Items that have none left.
    public var items = 0
    /// Where the first of them stand: `log.csv:17`.
    public var places: [String] = []
  }

  /// A table of attributes, and how its rows fit.
  public struct Table: Sendable, Equatable, Codable {
    /// `user` or `item`.
    public var owner: String
    /// The file's name without its folder.
    public var name: String
    /// Rows of the table.
    public var rows: Int
    /// Users, or items, of the dataset.
    public var owners: Int
    /// Those of them who have a row.
    public var matched: Int
    /// Malformed rows that were passed over.
    public var skippedRows: Int

    private enum CodingKeys: String, CodingKey {
      case owner, name, rows, owners, matched
      case skippedRows = "skipped_rows"
    }
  }

  /// The name of the log, without its folder.
  public var name: String
  /// The format that was given or recognised.
  public var format: LogFormat
  /// What stands between fields; nil for formats that have none.
  public var separator: String?
  /// `UTF-8` or `Latin-1`.
  public var encoding: String
  /// `gzip` or `zstd`; nil for none.
  public var compression: String?
  /// Files that were read.
  public var files = 1
  /// Files among the shards that hold no event.
  public var emptyFiles: [String] = []
  /// Files of the folder that are no shards by their names, and were not opened.
  public var passedOverFiles: [String] = []
  /// The columns that were read; none for formats without columns.
  public var columns: [Column] = []
  /// Columns whose names are those of times, and that were not read.
  public var otherTimeColumns: [String] = []
  /// The times; nil where the log has none.
  public var times: Times?
  /// The part of the times that was asked for, as it was given; nil for all.
  public var timesBetween: String?
  /// Records of the log, those left out among them; a line of `user item item …` is one.
  public var records: Int
  /// Events of the log, before any rule.
  public var events = 0
  /// What was left out, by reason.
  public var leftOut: [LeftOut] = []
  /// What looks doubtful, a sentence each.
  public var warnings: [String] = []
  /// The tables of users and items.
  public var tables: [Table] = []

  private enum CodingKeys: String, CodingKey {
    case name, format, separator, encoding, compression, files, columns, times, records, events,
      warnings
    case tables
    case emptyFiles = "empty_files"
    case passedOverFiles = "passed_over_files"
    case otherTimeColumns = "other_time_columns"
    case timesBetween = "times_between"
    case leftOut = "left_out"
  }
}

extension ReadingReport {
  /// What was read, and how, in one line.
  public var summary: String {
    var ways = [format.title]
    if let separator { ways.append("fields separated by \(separator)") }
    ways += [encoding, compression].compactMap { $0 }
    if files > 1 { ways.append("\(files) files") }
    var parts = ["read \(name) as \(ways.joined(separator: ", "))"]
    if !columns.isEmpty {
      parts.append(columns.map { "\($0.role.shortNoun) \($0.name)" }.joined(separator: ", "))
    }
    if let times {
      let unit = TimeFormat.EpochUnit(rawValue: times.format).map { "\($0.noun) since 1970" }
      let span = "\(times.first) to \(times.last)"
      parts.append("times: \(unit ?? times.format)\(times.areDays ? ", whole days" : ""), \(span)")
    } else {
      parts.append("no times: the order of the file is taken for that of events")
    }
    parts.append("\(records) record\(records == 1 ? "" : "s")")
    return parts.joined(separator: "; ")
  }

  /// What was left out, a line each.
  public var leftOutLines: [String] {
    leftOut.map { entry in
      var counts = [
        entry.events > 0
          ? "\(entry.events) of \(events) events" : "\(entry.records) of \(records) records"
      ]
      if entry.users > 0 { counts.append("\(entry.users) user\(entry.users == 1 ? "" : "s")") }
      if entry.items > 0 { counts.append("\(entry.items) item\(entry.items == 1 ? "" : "s")") }
      let places = entry.places.joined(separator: ", ")
      let more = entry.records > entry.places.count && !entry.places.isEmpty ? ", …" : ""
      return "left out \(counts.joined(separator: ", ")): \(entry.reason)"
        + (places.isEmpty ? "" : " (\(places)\(more))")
    }
      + (emptyFiles.isEmpty ? [] : ["no event in \(Self.some(of: emptyFiles))"])
      + (passedOverFiles.isEmpty ? [] : ["not opened: \(Self.some(of: passedOverFiles))"])
  }

  /// How the tables fit, a line each.
  public var tableLines: [String] {
    tables.map { table in
      "read \(table.name), \(table.rows) rows: \(table.matched) of \(table.owners) \(table.owner)s "
        + "have one"
        + (table.skippedRows > 0 ? "; \(table.skippedRows) malformed rows left out" : "")
    }
  }

  /// The first of some names.
  static func some(of names: [String]) -> String {
    names.prefix(3).joined(separator: ", ")
      + (names.count > 3 ? " and \(names.count - 3) more" : "")
  }
}

extension ColumnRole {
  /// What a line about a log calls the role.
  var shortNoun: String {
    switch self {
    case .user, .item, .time, .session, .label: rawValue
    case .eventType: "type"
    case .endTime: "end"
    case .features: "feature"
    }
  }
}
