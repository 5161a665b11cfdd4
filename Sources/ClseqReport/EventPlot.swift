import ClseqBase
package import ClseqInference

/// The events of an explanation as one SVG picture: a line per event, with a bar for its attention
/// weight and one for the change without it.
package struct EventPlot {
  private static let width = 760
  private static let lineHeight = 22
  private static let top = 72
  /// Where labels end.
  private static let labelEnd = 250
  private static let gap = 24
  /// Room for the number at the end of a bar.
  private static let numberWidth = 52

  private let report: ExplanationReport

  package init(_ report: ExplanationReport) { self.report = report }

  /// The document.
  package var svg: String {
    let height = Self.top + report.events.count * Self.lineHeight + 24
    return """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(Self.width) \(height)" \
      width="\(Self.width)" height="\(height)" font-family="sans-serif" font-size="12">
      <rect width="100%" height="100%" fill="#fff"/>
      <text x="16" y="28" font-size="15">\(title.markup)</text>
      \(labels)\(panels)</svg>

      """
  }

  private var title: String { "user \(report.user): \(report.scoreName)" }

  private func y(_ event: Int) -> Int { Self.top + event * Self.lineHeight }

  private var labels: String {
    report.events.enumerated().map { index, event in
      let name = event.title ?? event.item ?? "unknown"
      let label = name.cut(toColumns: 26) + (event.type.map { " (\($0.cut(toColumns: 10)))" } ?? "")
      let full = [event.item, event.title, event.type, event.time].compactMap { $0 }
      return """
        <text x="\(Self.labelEnd)" y="\(y(index) + 15)" text-anchor="end">\
        \(label.markup)<title>\(full.joined(separator: ", ").markup)</title></text>

        """
    }.joined()
  }

  /// One panel for each of the two numbers that the explanation has.
  private var panels: String {
    let all: [(title: String, colour: String, values: [Double?])] = [
      ("attention weight", "#2f6f9f", report.events.map(\.weight)),
      ("change without the event", "#b0522d", report.events.map(\.change)),
    ]
    let shown = all.filter { $0.values.contains { $0 != nil } }
    let room = Self.width - Self.labelEnd - 16
    let each = room / max(1, shown.count)
    return shown.enumerated().map { index, panel in
      self.panel(
        panel.title, panel.colour, panel.values,
        from: Self.labelEnd + index * each + Self.gap, width: each - Self.gap)
    }.joined()
  }

  private func panel(
    _ title: String, _ colour: String, _ values: [Double?], from left: Int, width: Int
  ) -> String {
    let known = values.compactMap { $0 }.filter(\.isFinite)
    let (least, most) = (min(0, known.min() ?? 0), max(0, known.max() ?? 0))
    // Numbers stand outside their bars, on either side of zero where there are negative ones.
    let room = (left: least < 0 ? Self.numberWidth : 0, right: most > 0 ? Self.numberWidth : 0)
    let scale = Double(width - room.left - room.right) / max(most - least, 1e-12)
    let zero = Double(left + room.left) - least * scale
    let bottom = y(values.count)
    var lines = [
      "<text x=\"\(left)\" y=\"\(Self.top - 12)\" font-size=\"12\" fill=\"#444\">\(title)</text>",
      "<line x1=\"\(BarPlot.rounded(zero))\" y1=\"\(Self.top - 4)\" x2=\"\(BarPlot.rounded(zero))\" "
        + "y2=\"\(bottom)\" stroke=\"#666\"/>",
    ]
    for (index, value) in values.enumerated() {
      guard let value, value.isFinite else { continue }
      let length = abs(value) * scale
      let start = value < 0 ? zero - length : zero
      let number = BarPlot.rounded(value < 0 ? start - 4 : zero + length + 4)
      lines += [
        "<rect x=\"\(BarPlot.rounded(start))\" y=\"\(y(index) + 3)\" "
          + "width=\"\(BarPlot.rounded(length))\" height=\"\(Self.lineHeight - 6)\" fill=\"\(colour)\"/>",
        "<text x=\"\(number)\" y=\"\(y(index) + 15)\" font-size=\"10\" "
          + "text-anchor=\"\(value < 0 ? "end" : "start")\">"
          + "\(NumberText.fixed(value, digits: 3))</text>",
      ]
    }
    return lines.map { $0 + "\n" }.joined()
  }
}
