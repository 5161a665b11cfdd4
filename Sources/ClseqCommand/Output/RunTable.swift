import Clseq
import Foundation

/// Runs in an order, for JSON and for people.
struct RunTable: Encodable {
  struct Row: Encodable {
    let name: String
    let path: String
    let model: String
    let task: String
    let data: String
    let state: RunRecord.State
    let epochs: Int?
    let bestEpoch: Int?
    let metric: String?
    let validation: Double?
    let test: Double?
    let date: String

    private enum CodingKeys: String, CodingKey {
      case name, path, model, task, data, state, epochs, metric, validation, test, date
      case bestEpoch = "best_epoch"
    }
  }

  let runs: [Row]

  /// - Parameters:
  ///   - sort: `date`, `name`, or the name of a figure, which then takes the place of the deciding
  ///     one.
  /// - Throws: `SettingsError` where no run has such a figure.
  init(_ records: [RunRecord], below folder: String, sortedBy sort: String) throws(SettingsError) {
    var records = records.sorted { $0.path < $1.path }
    var metric: SelectionMetric?
    switch sort {
    case "name": break
    case "date": records.sort { $0.date > $1.date }
    default:
      let chosen = try Self.metric(sort, of: records)
      metric = chosen
      records.sort { Self.precedes($0, $1, by: chosen) }
    }
    runs = records.map { Row($0, below: folder, metric: metric ?? $0.selection) }
  }

  private static func metric(
    _ name: String, of records: [RunRecord]
  ) throws(SettingsError) -> SelectionMetric {
    let names = Set(records.flatMap { Array($0.test.keys) + Array($0.validation.keys) })
    guard names.contains(name) else {
      let advice =
        nearest(to: name, among: names.union(["date", "name"]))
        .map { "; did you mean '\($0)'?" } ?? ": date, name, or a figure that a run has"
      throw .doNotFit("--sort is '\(name)'\(advice)")
    }
    return SelectionMetric(name: name)
  }

  /// Whether a run stands before another: the better test figure first, then the better validation
  /// figure of those without a test, then those that have neither.
  private static func precedes(
    _ left: RunRecord, _ right: RunRecord, by metric: SelectionMetric
  ) -> Bool {
    let values = [left, right].map { record in
      (metric.orientedValue(of: record.test), metric.orientedValue(of: record.validation))
    }
    func isBetter(_ left: Double?, _ right: Double?) -> Bool? {
      left == right ? nil : right.map { right in left.map { $0 > right } ?? false } ?? true
    }
    return isBetter(values[0].0, values[1].0) ?? isBetter(values[0].1, values[1].1)
      ?? (left.path < right.path)
  }

  var text: String {
    var table = TextTable(
      header: [
        "run", "model", "task", "data", "state", "epochs", "best", "figure", "validation", "test",
        "begun",
      ],
      alignment: [.left, .left, .left, .left, .left, .right, .right, .left, .right, .right, .left])
    for row in runs {
      let numbers = [row.validation, row.test].map { score in
        score.map { NumberText.fixed($0, digits: 4) } ?? ""
      }
      table.append([
        row.name, row.model, row.task, row.data, row.state.rawValue,
        row.epochs.map { "\($0)" } ?? "", row.bestEpoch.map { "\($0)" } ?? "", row.metric ?? "",
        numbers[0], numbers[1], row.date,
      ])
    }
    return table.text
  }
}

extension RunTable.Row {
  init(_ record: RunRecord, below folder: String, metric: SelectionMetric?) {
    let prefix = folder.hasSuffix("/") ? folder : folder + "/"
    func known(_ scores: [String: Double]) -> Double? {
      metric.flatMap { metric in
        metric.orientedValue(of: scores).flatMap { _ in scores[metric.name] }
      }
    }
    self.init(
      name: record.path.hasPrefix(prefix)
        ? String(record.path.dropFirst(prefix.count)) : record.path,
      path: record.path, model: record.model, task: record.task, data: record.data,
      state: record.state, epochs: record.epochs, bestEpoch: record.bestEpoch,
      metric: metric?.name, validation: known(record.validation), test: known(record.test),
      date: record.date.formatted(.iso8601))
  }
}
