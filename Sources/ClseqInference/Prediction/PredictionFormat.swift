import ClseqBase
import Foundation

/// How records of predictions are written.
public enum PredictionFormat: String, CaseIterable, Sendable {
  /// Comma-separated values with a header (RFC 4180), lines ended by LF.
  case csv
  /// One JSON object a line.
  case jsonl
  /// As CSV, by TAB.
  case tsv

  /// The format by the end of a file's name; nil where that is unknown.
  public init?(path: String) {
    switch (path as NSString).pathExtension.lowercased() {
    case "csv": self = .csv
    case "jsonl", "ndjson": self = .jsonl
    case "tsv": self = .tsv
    default: return nil
    }
  }

  /// The first line; nil for JSON Lines.
  ///
  /// - Parameter record: Any record of those that follow.
  public func header(of record: [PredictionField]) -> String? {
    self == .jsonl ? nil : line(record.flatMap(Self.columns))
  }

  /// A record with the line feed at its end.
  public func line(of record: [PredictionField]) -> String {
    guard self == .jsonl else { return line(record.flatMap(Self.cells)) }
    let members = record.map { "\(JSONText.quoted($0.name)):\(Self.json($0.value))" }
    return "{\(members.joined(separator: ","))}\n"
  }

  // MARK: Separated values

  private func line(_ cells: [String]) -> String {
    let separator = self == .tsv ? "\t" : ","
    return cells.map { Self.escaped($0, separator) }.joined(separator: separator) + "\n"
  }

  /// A cell in quotes where it holds what would end it.
  private static func escaped(_ cell: String, _ separator: String) -> String {
    // By scalars: CR and LF side by side are one character of their own.
    let special = cell.unicodeScalars.contains {
      $0 == "\"" || $0 == "\r" || $0 == "\n" || String($0) == separator
    }
    return special ? "\"\(cell.replacing("\"", with: "\"\""))\"" : cell
  }

  private static func columns(of field: PredictionField) -> [String] {
    switch field.value {
    case .named(let names, _): names.map { "\(field.name).\($0)" }
    case .vector(let values): (0..<values.count).map { "\(field.name).\($0)" }
    case .survival: []
    case .text, .integer, .number, nil: [field.name]
    }
  }

  private static func cells(of field: PredictionField) -> [String] {
    switch field.value {
    case .text(let text): [text]
    case .integer(let number): [String(number)]
    case .number(let number): [text(number) ?? ""]
    case .named(_, let values): values.map { text($0) ?? "" }
    case .vector(let values): values.map { text(Double($0)) ?? "" }
    case .survival: []
    case nil: [""]
    }
  }

  /// The shortest digits that give the number again in single precision, in which models compute; nil
  /// for one that is not finite.
  private static func text(_ number: Double) -> String? {
    let single = Float(number)
    return single.isFinite ? "\(single)" : nil
  }

  // MARK: JSON

  private static func json(_ value: PredictionField.Value?) -> String {
    switch value {
    case .text(let text): return JSONText.quoted(text)
    case .integer(let number): return String(number)
    case .number(let number): return text(number) ?? "null"
    case .named(let names, let values):
      let members = zip(names, values).map { "\(JSONText.quoted($0)):\(text($1) ?? "null")" }
      return "{\(members.joined(separator: ","))}"
    case .vector(let values):
      return "[\(values.map { text(Double($0)) ?? "null" }.joined(separator: ","))]"
    case .survival(let bounds, let probabilities):
      let points = zip(bounds, probabilities).map {
        "{\"beyond\":\(text($0) ?? "null"),\"probability\":\(text($1) ?? "null")}"
      }
      return "[\(points.joined(separator: ","))]"
    case nil: return "null"
    }
  }
}
