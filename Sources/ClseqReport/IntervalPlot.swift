import ClseqBase

/// Bars with intervals, one below the other, as an SVG element in the colours of the page.
struct IntervalPlot {
  /// One bar.
  struct Bar {
    let label: String
    let value: Double
    /// Lower and upper bound, if there is an interval.
    var interval: [Double] = []
    /// Whether it is drawn in a muted colour.
    var isMuted = false
  }

  /// Makes the names of the element's parts unique in the page.
  let id: String
  let title: String
  /// The title of the values' axis.
  let axis: String
  let bars: [Bar]

  private static let width = 400.0
  private static let lineHeight = 28.0
  private static let left = 104.0
  private static let right = 64.0
  private static let top = 8.0

  /// The element.
  var svg: String {
    let bottom = Self.top + Double(bars.count) * Self.lineHeight
    return """
      <svg viewBox="0 0 400 \(Int(bottom) + 42)" role="img" \
      aria-labelledby="\(id)-title \(id)-description">
      <title id="\(id)-title">\(title.markup)</title>
      <desc id="\(id)-description">\(description.markup)</desc>
      \(axis(bottom))\(bars.indices.map(bar).joined())\
      <line class="rule" x1="\(BarPlot.rounded(x(0)))" y1="\(Self.top)" \
      x2="\(BarPlot.rounded(x(0)))" y2="\(bottom)"/>
      </svg>

      """
  }

  private var scale: AxisScale {
    AxisScale(bars.flatMap { [$0.value] + $0.interval }, includesZero: true, tickCount: 4)
  }

  private func x(_ value: Double) -> Double {
    Self.left + scale.place(value) * (Self.width - Self.left - Self.right)
  }

  private var description: String {
    bars.map { bar in
      let value = "\(bar.label): \(ReportNumber.figure(bar.value))"
      guard bar.interval.count == 2 else { return value + "." }
      let bounds = bar.interval.map { ReportNumber.figure($0) }
      return "\(value), 95 % interval \(bounds[0]) to \(bounds[1])."
    }.joined(separator: " ")
  }

  private func axis(_ bottom: Double) -> String {
    let scale = scale
    let ticks = scale.ticks.map { tick in
      let place = BarPlot.rounded(x(tick))
      return """
        <line class="grid" x1="\(place)" y1="\(Self.top)" x2="\(place)" y2="\(bottom)"/>\
        <text class="tick" x="\(place)" y="\(bottom + 15)" text-anchor="middle">\
        \(scale.text(tick))</text>

        """
    }
    return ticks.joined() + """
      <text class="axis" x="\(BarPlot.rounded((x(scale.lower) + x(scale.upper)) / 2))" \
      y="\(bottom + 34)" text-anchor="middle">\(axis.markup)</text>

      """
  }

  private func bar(_ index: Int) -> String {
    let bar = bars[index]
    let middle = Self.top + (Double(index) + 0.5) * Self.lineHeight
    var text = """
      <text class="label" x="\(Self.left - 8)" y="\(middle + 4)" text-anchor="end">\
      \(bar.label.cut(toColumns: 15).markup)</text>\
      <text class="label" x="\(Self.width - 4)" y="\(middle + 4)" text-anchor="end">\
      \(ReportNumber.figure(bar.value))</text>

      """
    guard bar.value.isFinite else { return text }
    let ends = [x(0), x(bar.value)].sorted()
    text += """
      <rect class="\(bar.isMuted ? "muted" : "bar")" x="\(BarPlot.rounded(ends[0]))" \
      y="\(middle - 8)" width="\(BarPlot.rounded(ends[1] - ends[0]))" height="16"/>

      """
    guard bar.interval.count == 2, bar.interval.allSatisfy(\.isFinite) else { return text }
    let bounds = bar.interval.map { BarPlot.rounded(x($0)) }
    return text + """
      <path class="whisker" d="M\(bounds[0]) \(middle)H\(bounds[1])\
      M\(bounds[0]) \(middle - 4)v8M\(bounds[1]) \(middle - 4)v8"/>

      """
  }
}
