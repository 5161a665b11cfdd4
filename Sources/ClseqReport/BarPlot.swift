import ClseqBase

/// Bar charts as one SVG picture, which a browser can open.
package struct BarPlot {
  /// One chart: a title and its bars.
  package struct Chart {
    let title: String
    let bars: [(label: String, count: Int)]

    package init(title: String, bars: [(label: String, count: Int)]) {
      self.title = title
      self.bars = bars
    }
  }

  private static let width = 720
  private static let chartHeight = 276
  private static let margin = (left: 48, right: 16, top: 56, bottom: 48)

  private let charts: [Chart]

  package init(_ charts: [Chart]) { self.charts = charts }

  /// The document.
  package var svg: String {
    let height = charts.count * Self.chartHeight
    let body = charts.enumerated().map { index, chart in
      "<g transform=\"translate(0 \(index * Self.chartHeight))\">\n\(Self.text(of: chart))</g>\n"
    }
    return """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(Self.width) \(height)" \
      width="\(Self.width)" height="\(height)" font-family="sans-serif" font-size="12">
      <rect width="100%" height="100%" fill="#fff"/>
      \(body.joined())</svg>

      """
  }

  private static func text(of chart: Chart) -> String {
    let (inner, high) = (
      width - margin.left - margin.right, chartHeight - margin.top - margin.bottom
    )
    let most = Double(max(chart.bars.map(\.count).max() ?? 1, 1))
    let step = Double(inner) / Double(max(chart.bars.count, 1))
    let bottom = margin.top + high
    var lines = [
      "<text x=\"\(margin.left)\" y=\"24\" font-size=\"15\">\(chart.title.markup)</text>",
      "<line x1=\"\(margin.left)\" y1=\"\(bottom)\" x2=\"\(width - margin.right)\" "
        + "y2=\"\(bottom)\" stroke=\"#666\"/>",
    ]
    for (index, bar) in chart.bars.enumerated() {
      let tall = Double(bar.count) / most * Double(high)
      let left = Double(margin.left) + (Double(index) + 0.1) * step
      let middle = rounded(left + 0.4 * step)
      lines += [
        "<rect x=\"\(rounded(left))\" y=\"\(rounded(Double(bottom) - tall))\" "
          + "width=\"\(rounded(0.8 * step))\" height=\"\(rounded(tall))\" fill=\"#2f6f9f\">"
          + "<title>\(bar.label.markup): \(bar.count)</title></rect>",
        "<text x=\"\(middle)\" y=\"\(rounded(Double(bottom) - tall - 4))\" "
          + "text-anchor=\"middle\" font-size=\"10\">\(bar.count)</text>",
        "<text x=\"\(middle)\" y=\"\(bottom + 16)\" text-anchor=\"middle\" font-size=\"10\">"
          + "\(bar.label.markup)</text>",
      ]
    }
    return lines.map { $0 + "\n" }.joined()
  }

  /// A coordinate with one digit after the point.
  static func rounded(_ value: Double) -> String { "\((value * 10).rounded() / 10)" }
}
