import ClseqBase

/// Values over epochs as an SVG element that takes its colours from the page.
package struct LinePlot {
  /// One line.
  package struct Series {
    /// The name in the legend; a single line has no legend.
    let name: String
    /// Values by epoch; those that are not finite leave a gap.
    let values: [(epoch: Int, value: Double)]

    package init(name: String, values: [(epoch: Int, value: Double)]) {
      (self.name, self.values) = (name, values)
    }

    var finite: [(epoch: Int, value: Double)] { values.filter { $0.value.isFinite } }
  }

  private let id: String
  private let title: String
  private let axis: String
  private let series: [Series]
  private let best: Int?
  private let horizontal: AxisScale
  private let vertical: AxisScale

  private static let width = 400.0
  private static let height = 250.0
  private static let margin = (left: 56.0, right: 14.0, top: 40.0, bottom: 40.0)
  /// The maximum number of epochs that have a dot each.
  private static let dotLimit = 40

  /// - Parameters:
  ///   - id: makes the names of the element's parts unique in the page.
  ///   - axis: title of the values' axis, with the unit.
  ///   - best: an epoch that is marked.
  package init(
    id: String, title: String, axis: String, series: [Series], best: Int?, includesZero: Bool
  ) {
    (self.id, self.title, self.axis, self.series) = (id, title, axis, series)
    let epochs = series.flatMap { $0.values.map(\.epoch) }
    let (first, last) = (epochs.min() ?? 1, epochs.max() ?? 1)
    self.best = best.flatMap { (first...last).contains($0) ? $0 : nil }
    horizontal = AxisScale(epochs: first...last)
    vertical = AxisScale(
      series.flatMap { $0.finite.map(\.value) }, includesZero: includesZero)
  }

  /// The element.
  package var svg: String {
    """
    <svg viewBox="0 0 400 250" role="img" aria-labelledby="\(id)-title \(id)-description">
    <title id="\(id)-title">\(title.markup)</title>
    <desc id="\(id)-description">\(description.markup)</desc>
    \(verticalAxis)\(horizontalAxis)\(bestMark)\
    \(series.indices.map(line).joined())\(legend)</svg>

    """
  }

  private func x(_ epoch: Double) -> Double {
    let inner = Self.width - Self.margin.left - Self.margin.right
    return Self.margin.left + horizontal.place(epoch) * inner
  }

  private func y(_ value: Double) -> Double {
    let inner = Self.height - Self.margin.top - Self.margin.bottom
    return Self.margin.top + (1 - vertical.place(value)) * inner
  }

  /// A line described in words.
  private var description: String {
    let parts = series.map { series in
      let known = series.finite
      guard let first = known.first, let last = known.last,
        let least = known.min(by: { $0.value < $1.value }),
        let most = known.max(by: { $0.value < $1.value })
      else { return "\(series.name): no finite value." }
      let ends = "\(Self.text(first.value)) in epoch \(first.epoch)"
      guard known.count > 1 else { return "\(series.name): \(ends)." }
      func point(_ entry: (epoch: Int, value: Double)) -> String {
        "\(Self.text(entry.value)) in epoch \(entry.epoch)"
      }
      return "\(series.name): from \(ends) to \(point(last)); "
        + "minimum \(point(least)), maximum \(point(most))."
    }
    return (parts + (best.map { ["Best epoch: \($0)."] } ?? [])).joined(separator: " ")
  }

  private static func text(_ value: Double) -> String { ReportNumber.brief(value) }

  private var verticalAxis: String {
    let right = Self.width - Self.margin.right
    let lines = vertical.ticks.map { tick in
      let level = BarPlot.rounded(y(tick))
      return """
        <line class="grid" x1="\(Self.margin.left)" y1="\(level)" x2="\(right)" y2="\(level)"/>\
        <text class="tick" x="\(Self.margin.left - 6)" y="\(BarPlot.rounded(y(tick) + 4))" \
        text-anchor="end">\(vertical.text(tick))</text>

        """
    }
    return lines.joined()
      + "<text class=\"axis\" x=\"4\" y=\"14\">\(axis.markup)</text>\n"
  }

  private var horizontalAxis: String {
    let (right, bottom) = (Self.width - Self.margin.right, Self.height - Self.margin.bottom)
    let ticks = horizontal.ticks.map { tick in
      let place = BarPlot.rounded(x(tick))
      return """
        <line class="rule" x1="\(place)" y1="\(bottom)" x2="\(place)" y2="\(bottom + 4)"/>\
        <text class="tick" x="\(place)" y="\(bottom + 17)" text-anchor="middle">\
        \(horizontal.text(tick))</text>

        """
    }
    return """
      <line class="rule" x1="\(Self.margin.left)" y1="\(bottom)" \
      x2="\(right)" y2="\(bottom)"/>
      \(ticks.joined())\
      <text class="axis" x="\(BarPlot.rounded((Self.margin.left + right) / 2))" \
      y="\(Self.height - 6)" text-anchor="middle">epoch</text>

      """
  }

  private var bestMark: String {
    guard let best else { return "" }
    let place = x(Double(best))
    let isRight = place > Self.width * 0.7
    return """
      <line class="best" x1="\(BarPlot.rounded(place))" y1="\(Self.margin.top - 6)" \
      x2="\(BarPlot.rounded(place))" y2="\(Self.height - Self.margin.bottom)"/>\
      <text class="tick" x="\(BarPlot.rounded(place + (isRight ? -4 : 4)))" \
      y="\(Self.margin.top - 5)" text-anchor="\(isRight ? "end" : "start")">best: \(best)</text>

      """
  }

  /// A line with gaps where values are missing; single points, and all of a short line, are dots.
  private func line(_ index: Int) -> String {
    let values = series[index].values
    var (path, dots) = ("", "")
    for (place, entry) in values.enumerated() where entry.value.isFinite {
      let isAfterGap = place == 0 || !values[place - 1].value.isFinite
      let isBeforeGap = place + 1 == values.count || !values[place + 1].value.isFinite
      let (x, y) = (BarPlot.rounded(x(Double(entry.epoch))), BarPlot.rounded(y(entry.value)))
      path += "\(isAfterGap ? "M" : "L")\(x) \(y)"
      if values.count <= Self.dotLimit || (isAfterGap && isBeforeGap) {
        dots += """
          <circle class="dot s\(index % 3)" cx="\(x)" cy="\(y)" r="2.5">\
          <title>epoch \(entry.epoch): \(Self.text(entry.value))</title></circle>

          """
      }
    }
    return "<path class=\"line s\(index % 3)\" d=\"\(path)\"/>\n\(dots)"
  }

  /// The names of several lines, from the right.
  private var legend: String {
    guard series.count > 1 else { return "" }
    var right = Self.width - Self.margin.right
    return series.enumerated().reversed().map { index, series in
      let start = right - 6.5 * Double(series.name.columnCount) - 24
      defer { right = start - 12 }
      return """
        <line class="line s\(index % 3)" x1="\(start)" y1="10" x2="\(start + 18)" y2="10"/>\
        <text class="tick" x="\(start + 23)" y="14">\(series.name.markup)</text>

        """
    }.joined()
  }
}
