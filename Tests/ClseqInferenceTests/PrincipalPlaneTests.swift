import ClseqInference
import ClseqTestSupport
import Testing

@Suite struct PrincipalPlaneTests {
  /// Vectors along two directions at a right angle in five dimensions, the first three times as far as the second.
  @Test func directionsOfTheLargestVarianceAreTheAxes() {
    let (first, second) = ([0.6, 0, 0.8, 0, 0], [0, -1.0, 0, 0, 0])
    var numbers = TestNumbers(seed: 4)
    let (along, across) = (numbers.doubles(50).map { 3 * $0 }, numbers.doubles(50))
    // Sums of zero, and no covariance: every point has its reflections.
    let signs = [(1.0, 1.0), (1, -1), (-1, 1), (-1, -1)]
    let points = zip(along, across).flatMap { point in
      signs.map { (point.0 * $0.0, point.1 * $0.1) }
    }
    let vectors = points.flatMap { point in
      (0..<5).map { Float(7 + point.0 * first[$0] + point.1 * second[$0]) }
    }
    let plane = PrincipalPlane(vectors, width: 5)
    for (found, point) in zip(plane.points, points) {
      #expect(abs(found.x - point.0) < 1e-5 && abs(found.y + point.1) < 1e-5)
    }
    let squares = (
      along.reduce(0) { $0 + $1 * $1 }, across.reduce(0) { $0 + $1 * $1 }
    )
    #expect(abs(plane.shares.x - squares.0 / (squares.0 + squares.1)) < 1e-6)
    #expect(abs(plane.shares.x + plane.shares.y - 1) < 1e-6)
  }

  /// Equal vectors, one vector, and one dimension have no second axis.
  @Test func vectorsWithoutAPlaneLieOnALine() {
    for (vectors, width) in [([1, 2, 1, 2], 2), ([5, 6, 7], 3), ([], 4)] as [([Float], Int)] {
      let plane = PrincipalPlane(vectors, width: width)
      #expect(plane.points.allSatisfy { $0.x == 0 && $0.y == 0 })
      #expect(plane.shares.x == 0 && plane.shares.y == 0)
    }
    let line = PrincipalPlane([1, 3, 8], width: 1)
    #expect(line.points.map(\.x) == [-3, -1, 4] && line.points.allSatisfy { $0.y == 0 })
    #expect(line.shares.x == 1 && line.shares.y == 0)
  }
}
