import ClseqBase
import ClseqTraining

/// Counts as bars of text, a line each.
enum BarChart {
  /// Characters of the longest bar.
  private static let width = 48

  /// `10-19  ████▌  1234`, bars in eighths of a character.
  static func text(_ bars: [(label: String, count: Int)]) -> String {
    let most = max(bars.map(\.count).max() ?? 1, 1)
    let labelWidth = bars.map(\.label.columnCount).max() ?? 0
    return bars.map { bar in
      let space = String(repeating: " ", count: labelWidth - bar.label.columnCount)
      return "  \(space)\(bar.label)  \(line(Double(bar.count) / Double(most))) \(bar.count)\n"
    }.joined()
  }

  private static func line(_ share: Double) -> String {
    let eighths = Int((share * Double(width * 8)).rounded(.up))
    let parts = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]
    return String(repeating: "█", count: eighths / 8) + parts[eighths % 8]
  }
}
