import ClseqBase

/// Points of several groups in a plane, as an SVG file of its own.
public struct PointMap {
  /// A group of points.
  public struct Group {
    /// The name in the legend.
    public let name: String
    /// The points.
    public let points: [(x: Double, y: Double)]

    /// Points with a name.
    public init(_ name: String, _ points: [(x: Double, y: Double)]) {
      (self.name, self.points) = (name, points)
    }
  }

  private static let (width, height) = (720.0, 560.0)
  private static let margin = (left: 20.0, right: 130.0, top: 48.0, bottom: 44.0)
  /// Told apart by readers who see few colours, in this order, by their brightness too; after Okabe and Ito, "Color universal design"
  /// (2008).
  private static let colours = [
    "#0072b2", "#e69f00", "#009e73", "#d55e00", "#56b4e9", "#cc79a7", "#7a6a00", "#555555",
  ]

  private let title: String
  private let axes: (x: String, y: String)
  private let groups: [Group]

  /// - Parameters:
  ///   - title: The title.
  ///   - axes: Titles of the axes.
  ///   - groups: The groups, in the order of the legend; a point of a later group may cover one of an earlier.
  public init(title: String, axes: (x: String, y: String), groups: [Group]) {
    (self.title, self.axes, self.groups) = (title, axes, groups)
  }

  /// The file's text.
  public var svg: String {
    let inner = (
      width: Self.width - Self.margin.left - Self.margin.right,
      height: Self.height - Self.margin.top - Self.margin.bottom
    )
    let (bottom, right) = (Self.height - Self.margin.bottom, Self.width - Self.margin.right)
    return """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(Int(Self.width)) \(Int(Self.height))" \
      font-family="system-ui, sans-serif" font-size="13">
      <title>\(title.markup)</title>
      <rect width="100%" height="100%" fill="#fff"/>
      <text x="\(Self.margin.left)" y="28" font-size="16" fill="#1c2024">\(title.markup)</text>
      <rect x="\(Self.margin.left)" y="\(Self.margin.top)" width="\(inner.width)" \
      height="\(inner.height)" fill="none" stroke="#c8ced4"/>
      <text x="\(right)" y="\(bottom + 18)" fill="#59636e" text-anchor="end">\(axes.x.markup) →</text>
      <text x="\(Self.margin.left)" y="\(bottom + 18)" fill="#59636e">\(axes.y.markup) ↑</text>
      \(marks(inner))\(legend(right + 16))</svg>

      """
  }

  /// A circle for each point. Both axes have one scale, so that distances are those of the plane.
  private func marks(_ inner: (width: Double, height: Double)) -> String {
    let points = groups.flatMap(\.points)
    guard let first = points.first else { return "" }
    let low = points.reduce(first) { (min($0.x, $1.x), min($0.y, $1.y)) }
    let high = points.reduce(first) { (max($0.x, $1.x), max($0.y, $1.y)) }
    let span = (high.x - low.x, high.y - low.y)
    let padding = 12.0
    let scale = min(
      (inner.width - 2 * padding) / max(span.0, .leastNormalMagnitude),
      (inner.height - 2 * padding) / max(span.1, .leastNormalMagnitude))
    let centre = (
      Self.margin.left + inner.width / 2, Self.margin.top + inner.height / 2
    )
    func place(_ offset: Double, around middle: Double) -> String {
      // One point, or points in one place, are in the middle.
      BarPlot.rounded(middle + (scale.isFinite ? offset * scale : 0))
    }
    return groups.enumerated().map { number, group in
      let circles = group.points.map { point in
        let x = place(point.x - (low.x + high.x) / 2, around: centre.0)
        let y = place((low.y + high.y) / 2 - point.y, around: centre.1)
        return "<circle cx=\"\(x)\" cy=\"\(y)\" r=\"2.6\"/>"
      }
      return "<g fill=\"\(Self.colour(number))\" fill-opacity=\"0.6\">\(circles.joined())</g>\n"
    }.joined()
  }

  private func legend(_ left: Double) -> String {
    groups.enumerated().map { number, group in
      let y = Self.margin.top + 14 + 22 * Double(number)
      return """
        <circle cx="\(left)" cy="\(y - 4)" r="5" fill="\(Self.colour(number))"/>\
        <text x="\(left + 12)" y="\(y)" fill="#1c2024">\(group.name.markup)</text>

        """
    }.joined()
  }

  private static func colour(_ number: Int) -> String { colours[number % colours.count] }
}
