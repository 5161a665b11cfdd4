import ClseqReport
import Testing

@Suite struct ReportPlotTests {
  struct Axis: Sendable {
    let values: [Double]
    var includesZero = false
    let ticks: [String]
  }

  @Test(arguments: [
    Axis(values: [6.3, 7.4], ticks: ["6.0", "6.5", "7.0", "7.5"]),
    Axis(values: [0.021, 0.083], ticks: ["0", "0.02", "0.04", "0.06", "0.08", "0.10"]),
    Axis(values: [12_000, 65_609], ticks: ["0", "20,000", "40,000", "60,000", "80,000"]),
    Axis(
      values: [6.3, 7.4], includesZero: true, ticks: ["0", "2", "4", "6", "8"]),
    Axis(values: [-3, 4], ticks: ["-4", "-2", "0", "2", "4"]),
    Axis(values: [0.001], ticks: ["0", "0.0002", "0.0004", "0.0006", "0.0008", "0.0010"]),
    Axis(values: [], ticks: ["0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
    Axis(values: [.nan, .infinity, 0], ticks: ["0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
    Axis(values: [1e-6, 5e-6], ticks: ["0", "1e-06", "2e-06", "3e-06", "4e-06", "5e-06"]),
  ])
  func ticksAreRound(axis: Axis) {
    let scale = AxisScale(axis.values, includesZero: axis.includesZero)
    #expect(scale.ticks.map(scale.text) == axis.ticks)
  }

  @Test(arguments: [
    [-.greatestFiniteMagnitude, .greatestFiniteMagnitude], [.leastNonzeroMagnitude],
    [1e300, 1e300 * (1 + 1e-10)], [1, 1.000_000_01], [-1e-300, 1e-300], [1e15, 1e15 + 1],
  ])
  func everyAxisHoldsItsValues(values: [Double]) {
    let scale = AxisScale(values, includesZero: false)
    #expect((2...12).contains(scale.ticks.count))
    for value in values {
      #expect((-0.001...1.001).contains(scale.place(min(max(value, -1e300), 1e300))))
    }
  }

  @Test func epochsAreWhole() {
    #expect(AxisScale(epochs: 1...1).ticks == [1])
    #expect(AxisScale(epochs: 1...3).ticks == [1, 2, 3])
    #expect(AxisScale(epochs: 1...40).ticks == [5, 10, 15, 20, 25, 30, 35, 40])
    #expect(AxisScale(epochs: 1...1).place(1) == 0.5)
  }

  private func svg(_ values: [Double], best: Int? = nil) -> String {
    LinePlot(
      id: "x", title: "a < b & \"c\"", axis: "loss",
      series: [
        .init(name: "loss", values: values.enumerated().map { ($0 + 1, $1) })
      ], best: best, includesZero: false
    ).svg
  }

  private func path(_ svg: String) throws -> String {
    String(try #require(svg.firstMatch(of: /class="line s0" d="([^"]*)"/)).1)
  }

  @Test func whatIsNotFiniteIsAGap() throws {
    let whole = try path(svg([1, 2, 3, 4]))
    #expect(whole.count { $0 == "M" } == 1 && whole.count { $0 == "L" } == 3)
    let torn = svg([1, 2, .nan, 4, .infinity])
    let path = try path(torn)
    #expect(path.count { $0 == "M" } == 2 && path.count { $0 == "L" } == 1)
    #expect(torn.count(of: "<circle") == 3)
    #expect(!torn.contains("nan") && !torn.contains("inf"))
    #expect(try self.path(svg([.nan])).isEmpty)
  }

  @Test func linesAreToldInWords() {
    let text = svg([3, 1, 2], best: 2)
    #expect(text.contains("<title id=\"x-title\">a &lt; b &amp; &quot;c&quot;</title>"))
    #expect(
      text.contains(
        "loss: from 3.0 in epoch 1 to 2.0 in epoch 3; minimum 1.0 in epoch 2, maximum 3.0 in epoch 1. "
          + "Best epoch: 2.</desc>"))
    #expect(text.contains(">best: 2</text>"))
    #expect(!svg([3, 1, 2], best: 7).contains("best"))
  }

  @Test func pointsStandAtTheirValues() throws {
    // From 0 to 4 over the plot's height, from 1 to 3 over its width.
    let points = try path(svg([0, 4, 2])).split { "ML ".contains($0) }.compactMap { Double($0) }
    #expect(points.count == 6)
    #expect(points[0] < points[2] && points[2] < points[4])
    #expect(abs(points[2] - (points[0] + points[4]) / 2) < 0.11)
    #expect(points[1] > points[5] && points[5] > points[3])
    #expect(abs(points[5] - (points[1] + points[3]) / 2) < 0.11)
  }
}

extension String {
  fileprivate func count(of part: String) -> Int { ranges(of: part).count }
}
