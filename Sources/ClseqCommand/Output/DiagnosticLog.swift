import Clseq
import ClseqTraining
import Foundation

/// Standard error: how notes, warnings and errors are written there.
struct DiagnosticLog {
  /// For people, or one JSON object a line.
  let style: LogStyle
  /// Whether warnings and errors are coloured.
  let hasColour: Bool
  /// Whether bars may be drawn.
  let isTerminal: Bool

  /// The style that the command line and the environment set. It is read before the other options,
  /// so that errors of these are already written in this style.
  init(arguments: [String], environment: [String: String], isTerminal: Bool) {
    let option = "--\(Self.flag)"
    let given = arguments.prefix { $0 != "--" }
    let texts = zip(given, given.dropFirst()).filter { $0.0 == option }.map(\.1)
    let joined = given.filter { $0.hasPrefix(option + "=") }.map {
      String($0.dropFirst(option.count + 1))
    }
    let text = (texts + joined).last ?? environment[Self.variable] ?? ""
    style = LogStyle(rawValue: text) ?? .text
    self.isTerminal = isTerminal && environment["TERM"] != "dumb"
    hasColour = self.isTerminal && (environment["NO_COLOR"] ?? "").isEmpty
  }

  private static let flag = "log-format"
  private static let variable = Setting.environmentPrefix + "LOG_FORMAT"

  /// The text of a line.
  func text(_ record: LogRecord) -> String {
    guard style == .text else { return record.line }
    // Whatever a message quotes can neither act on the terminal nor begin a line of its own.
    let message = (record.message ?? "").printableLines.replacing("\n", with: "\n  ")
    let advice = record.advice.map { "clseq: \($0)\n" } ?? ""
    return switch record.level {
    case .progress, .note: "clseq: \(message)\n"
    case .warning: "\(coloured("clseq:", 33)) \(message)\n"
    case .error: "clseq: \(coloured("error:", 31)) \(message)\n\(advice)"
    }
  }

  private func coloured(_ text: String, _ colour: Int) -> String {
    hasColour ? "\u{1B}[\(colour)m\(text)\u{1B}[0m" : text
  }
}
