import ClseqInference
import ClseqTestSupport
import Foundation
import Testing

/// Records as text, and back.
@Suite struct PredictionFormatTests {
  private static let odd = ["a,b", "say \"x\"", "line\r\nfeed", "tab\tbed", "日本", "", "\u{1}"]

  private func record(_ user: String) -> [PredictionField] {
    PredictionField.sample(user: user)
  }

  /// Every row is read back by the house's own reader of CSV and TSV.
  @Test(arguments: [PredictionFormat.csv, .tsv])
  func separatedValuesComeBack(_ format: PredictionFormat) throws {
    let separator: Character = format == .csv ? "," : "\t"
    let header = try #require(format.header(of: record("x")))
    #expect(
      header == ["user", "rank", "score", "probability.no", "probability.a,b", "gone"]
        .map { $0.contains(separator) ? "\"\($0)\"" : $0 }.joined(separator: "\(separator)") + "\n")
    for user in Self.odd {
      let line = format.line(of: record(user))
      #expect(line.hasSuffix("\n"))
      #expect(
        parsed(String(line.dropLast()), separator) == [user, "3", "-0.25", "0.75", "0.25", ""])
    }
  }

  @Test func linesOfJSONComeBack() throws {
    #expect(PredictionFormat.jsonl.header(of: record("x")) == nil)
    for user in Self.odd {
      let line = PredictionFormat.jsonl.line(of: record(user))
      #expect(line.filter { $0 == "\n" }.count == 1 && line.hasSuffix("\n"))
      let value = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
      #expect(value?["user"] as? String == user && value?["rank"] as? Int == 3)
      #expect(value?["score"] as? Double == -0.25 && value?["gone"] is NSNull)
      #expect(value?["probability"] as? [String: Double] == ["no": 0.75, "a,b": 0.25])
      let survival = try #require(value?["survival"] as? [[String: Double]])
      #expect(survival == [["beyond": 60, "probability": 0.5]])
    }
  }

  @Test func namesOfFilesChoose() {
    let paths = ["a.csv", "b.JSONL", "c.tsv", "d.txt", "csv"]
    #expect(paths.map(PredictionFormat.init(path:)) == [.csv, .jsonl, .tsv, nil, nil])
  }

  /// The fields of one record: RFC 4180, written here in the plainest way.
  private func parsed(_ line: String, _ separator: Character) -> [String] {
    var fields = [""]
    var isQuoted = false
    var rest = Array(line.unicodeScalars)[...]
    while let scalar = rest.popFirst() {
      switch scalar {
      case "\"" where !isQuoted: isQuoted = true
      case "\"" where rest.first == "\"":
        rest.removeFirst()
        fields[fields.count - 1].unicodeScalars.append("\"")
      case "\"": isQuoted = false
      case _ where Character(scalar) == separator && !isQuoted: fields.append("")
      default: fields[fields.count - 1].unicodeScalars.append(scalar)
      }
    }
    return fields
  }
}

extension PredictionField {
  /// A record with a value of each kind.
  fileprivate static func sample(user: String) -> [PredictionField] {
    [
      PredictionField("user", .text(user)), PredictionField("rank", .integer(3)),
      PredictionField("score", .number(-0.25)),
      PredictionField(
        "probability", .named(names: ["no", "a,b"], values: [0.75, 0.25])),
      PredictionField("survival", .survival(bounds: [60], probabilities: [0.5])),
      PredictionField("gone", .number(.nan)),
    ]
  }
}
