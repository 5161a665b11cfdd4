import ClseqReport
import Testing

@Suite struct PointMapTests {
  @Test func pointsKeepTheirDistancesInsideTheFrame() throws {
    let map = PointMap(
      title: "a < b", axes: ("first", "second"),
      groups: [
        .init("one", [(0, 0), (10, 0)]), .init("two & three", [(0, 5)]), .init("none", []),
      ])
    let svg = map.svg
    let circles = svg.matches(of: /<circle cx="([\d.]+)" cy="([\d.]+)" r="2.6"/).map {
      (Double($0.1)!, Double($0.2)!)
    }
    #expect(circles.count == 3)
    let (width, height) = (circles[1].0 - circles[0].0, circles[0].1 - circles[2].1)
    #expect(width > 500 && abs(width - 2 * height) < 0.5)
    #expect(circles.allSatisfy { (20...590).contains($0.0) && (48...516).contains($0.1) })
    #expect(svg.contains("a &lt; b") && svg.contains("two &amp; three"))
  }

  /// One point, or several in one place, are in the middle; no point at all is no fault.
  @Test func pointsInOnePlaceAreInTheMiddle() {
    for count in 0...2 {
      let points = [(x: Double, y: Double)](repeating: (3, 4), count: count)
      let svg = PointMap(title: "", axes: ("", ""), groups: [.init("all", points)]).svg
      #expect(svg.matches(of: /cx="305.0" cy="282.0" r="2.6"/).count == count)
      #expect(!svg.contains("nan") && !svg.contains("inf"))
    }
  }
}
