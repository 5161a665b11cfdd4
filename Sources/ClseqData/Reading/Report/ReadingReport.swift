/// A report of how a log was read, of the records that were left out, and of doubtful values. Every
/// guess and every dropped record is in it.
public struct ReadingReport: Sendable, Equatable, Codable {
  /// A column that was read.
  public struct Column: Sendable, Equatable, Codable {
    /// The role of the column.
    public var role: ColumnRole
    /// Its name in the file; its number, from 1, without a header.
    public var name: String
  }

  /// The times of the events that were read.
  public struct Times: Sendable, Equatable, Codable {
    /// Their format: `s`, `ms`, `us` or `ns` since 1970, `iso8601`, `yyyymmdd` or a pattern.
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
    /// The reason.
    public var reason: String
    /// Records that are not events for this reason.
    public var records = 0
    /// Events left out.
    public var events = 0
    /// Users who have no remaining event for this reason.
    public var users = 0
    /// Items that have no remaining event.
    public var items = 0
    /// The places of the first of them: `log.csv:17`.
    public var places: [String] = []
  }

  /// A table of attributes, and how its rows match the log.
  public struct Table: Sendable, Equatable, Codable {
    /// `user` or `item`.
    public var owner: String
    /// The file's name without its folder.
    public var name: String
    /// Rows of the table.
    public var rows: Int
    /// Users, or items, of the dataset.
    public var owners: Int
    /// Those of them with a row.
    public var matched: Int
    /// Malformed rows that were skipped.
    public var skippedRows: Int

    private enum CodingKeys: String, CodingKey {
      case owner, name, rows, owners, matched
      case skippedRows = "skipped_rows"
    }
  }

  /// How a log extends earlier ones.
  public struct Extension: Sendable, Equatable, Codable {
    /// An earlier log.
    public struct Log: Sendable, Equatable, Codable {
      /// Its name without its folder.
      public var name: String
      /// The hash of its text, or of its files.
      public var hash: String
      /// Its events, before any rule.
      public var events: Int
    }

    /// The earlier logs in their order.
    public var earlier: [Log]
    /// Events that the log adds.
    public var added: Int
    /// Those of them that are older than the latest event before.
    public var late: Int
    /// Users that are new.
    public var users: Int
    /// Items that are new.
    public var items: Int
  }

  /// The name of the log, without its folder.
  public var name: String
  /// The format that was given or recognised.
  public var format: LogFormat
  /// The separator of fields; nil for formats without one.
  public var separator: String?
  /// `UTF-8` or `Latin-1`.
  public var encoding: String
  /// `gzip` or `zstd`; nil for none.
  public var compression: String?
  /// Files that were read.
  public var files = 1
  /// Files among the shards without an event.
  public var emptyFiles: [String] = []
  /// Files of the folder that were not opened, because their names are not those of shards.
  public var passedOverFiles: [String] = []
  /// The columns that were read; none for formats without columns.
  public var columns: [Column] = []
  /// Columns with names of times that were not read.
  public var otherTimeColumns: [String] = []
  /// The times; nil if the log has none.
  public var times: Times?
  /// The range of times of `--times-between`, as given; nil for all.
  public var timesBetween: String?
  /// Records of the log, those left out among them; a line of `user item item …` is one.
  public var records: Int
  /// Events of the log, before any rule.
  public var events = 0
  /// The records left out, by reason.
  public var leftOut: [LeftOut] = []
  /// Doubtful values, one sentence each.
  public var warnings: [String] = []
  /// The tables of users and items.
  public var tables: [Table] = []
  /// How the log extends earlier ones; nil where there are none.
  public var extends: Extension?

  private enum CodingKeys: String, CodingKey {
    case name, format, separator, encoding, compression, files, columns, times, records, events,
      warnings
    case tables, extends
    case emptyFiles = "empty_files"
    case passedOverFiles = "passed_over_files"
    case otherTimeColumns = "other_time_columns"
    case timesBetween = "times_between"
    case leftOut = "left_out"
  }
}

extension ReadingReport {
  /// A summary of reading in one line.
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
      parts.append(
        "no column of times recognised (--time-column NAME): events are in the order of the file")
    }
    parts.append("\(records) record\(records == 1 ? "" : "s")")
    return parts.joined(separator: "; ")
  }

  /// The records left out, one line per reason.
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

  /// What the log adds to earlier ones, in one line; nil where there are none.
  public var extensionLine: String? {
    extends.map { extent in
      let late = extent.late > 0 ? ", \(extent.late) of them older than the latest one before" : ""
      return
        "extends \(Self.some(of: extent.earlier.map(\.name))): \(extent.added) new events\(late); "
        + "\(extent.users) new users, \(extent.items) new items"
    }
  }

  /// The matches of the tables, one line each.
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
  /// The name of the role in messages.
  var shortNoun: String {
    switch self {
    case .user, .item, .time, .session, .label: rawValue
    case .eventType: "type"
    case .endTime: "end"
    case .features: "feature"
    }
  }
}
