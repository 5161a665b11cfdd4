import ClseqBase

/// Lines between points of two shares, from 0 to 1 each, as an SVG element in the colours of the page.
struct CurvePlot {
  /// One line.
  struct Series {
    let name: String
    let points: [(x: Double, y: Double)]
    /// Whether each point has a dot.
    var hasDots = false
  }

  /// Makes the names of the element's parts unique in the page.
  let id: String
  let title: String
  /// The titles of the horizontal and the vertical axis.
  let axes: (x: String, y: String)
  let series: [Series]

  private static let left = 56.0
  private static let right = 386.0
  private static let top = 40.0
  private static let bottom = 210.0

  /// The element.
  var svg: String {
    """
    <svg viewBox="0 0 400 250" role="img" aria-labelledby="\(id)-title \(id)-description">
    <title id="\(id)-title">\(title.markup)</title>
    <desc id="\(id)-description">\(description.markup)</desc>
    \(grid)\(series.indices.map(line).joined())\(legend)</svg>

    """
  }

  private func x(_ value: Double) -> String {
    BarPlot.rounded(Self.left + min(max(value, 0), 1) * (Self.right - Self.left))
  }

  private func y(_ value: Double) -> String {
    BarPlot.rounded(Self.bottom - min(max(value, 0), 1) * (Self.bottom - Self.top))
  }

  private var description: String {
    let lines = series.map { series in
      guard let first = series.points.first, let last = series.points.last else {
        return "\(series.name): no point."
      }
      func text(_ point: (x: Double, y: Double)) -> String {
        "\(ReportNumber.figure(point.y)) at \(ReportNumber.figure(point.x))"
      }
      return "\(series.name): from \(text(first)) to \(text(last))."
    }
    return "\(axes.y) by \(axes.x). " + lines.joined(separator: " ")
  }

  private var grid: String {
    let lines = stride(from: 0.0, through: 1, by: 0.25).map { tick in
      """
      <line class="grid" x1="\(Self.left)" y1="\(y(tick))" x2="\(Self.right)" y2="\(y(tick))"/>\
      <text class="tick" x="\(Self.left - 6)" y="\(y(tick))" dy="4" text-anchor="end">\(tick)</text>\
      <text class="tick" x="\(x(tick))" y="\(Self.bottom + 17)" text-anchor="middle">\(tick)</text>

      """
    }
    return lines.joined() + """
      <line class="rule" x1="\(Self.left)" y1="\(Self.bottom)" x2="\(Self.right)" y2="\(Self.bottom)"/>
      <text class="axis" x="4" y="14">\(axes.y.markup)</text>
      <text class="axis" x="\((Self.left + Self.right) / 2)" y="244" text-anchor="middle">\
      \(axes.x.markup)</text>

      """
  }

  private func line(_ index: Int) -> String {
    let points = series[index].points.filter { $0.x.isFinite && $0.y.isFinite }
    let path = points.enumerated().map { place, point in
      "\(place == 0 ? "M" : "L")\(x(point.x)) \(y(point.y))"
    }
    let dots = points.map { point in
      """
      <circle class="dot s\(index % 3)" cx="\(x(point.x))" cy="\(y(point.y))" r="2.5">\
      <title>\(ReportNumber.figure(point.x)): \(ReportNumber.figure(point.y))</title></circle>

      """
    }
    return "<path class=\"line s\(index % 3)\" d=\"\(path.joined())\"/>\n"
      + (series[index].hasDots ? dots.joined() : "")
  }

  /// The names of the lines, from the right.
  private var legend: String {
    var right = Self.right
    return series.enumerated().reversed().map { index, series in
      let start = right - 6.5 * Double(series.name.count) - 24
      defer { right = start - 12 }
      return """
        <line class="line s\(index % 3)" x1="\(start)" y1="26" x2="\(start + 18)" y2="26"/>\
        <text class="tick" x="\(start + 23)" y="30">\(series.name.markup)</text>

        """
    }.joined()
  }
}
