import ClseqInference
import ClseqTestSupport
import Testing

@Suite struct TimeWarpingTests {
  /// The cheapest of all paths, one after another.
  private func cheapest(
    _ n: Int, _ m: Int, _ isInside: (Int, Int) -> Bool, _ distance: (Int, Int) -> Double
  ) -> Double {
    func rest(_ i: Int, _ j: Int) -> Double {
      guard i < n, j < m, isInside(i, j) else { return .infinity }
      if i == n - 1, j == m - 1 { return distance(i, j) }
      return distance(i, j) + min(rest(i + 1, j), rest(i, j + 1), rest(i + 1, j + 1))
    }
    return rest(0, 0)
  }

  @Test(arguments: [(1, 1), (1, 5), (4, 1), (4, 4), (3, 6), (6, 5)])
  func itIsTheCheapestOfAllPaths(_ n: Int, _ m: Int) {
    var numbers = TestNumbers(seed: UInt64(n * 10 + m))
    for _ in 0..<5 {
      let distances = numbers.floats(n * m).map { Double(abs($0)) }
      let warping = TimeWarping((n, m)) { distances[$0 * m + $1] }
      #expect(
        abs(warping.cost - cheapest(n, m, { _, _ in true }) { distances[$0 * m + $1] }) < 1e-9)
      #expect(warping.path.first! == (0, 0) && warping.path.last! == (n - 1, m - 1))
      for (step, next) in zip(warping.path, warping.path.dropFirst()) {
        let (i, j) = (next.first - step.first, next.second - step.second)
        #expect((0...1).contains(i) && (0...1).contains(j) && i + j > 0)
      }
      let sum = warping.path.reduce(0) { $0 + distances[$1.first * m + $1.second] }
      #expect(abs(sum - warping.cost) < 1e-9)
      #expect(abs(warping.meanDistance - sum / Double(warping.path.count)) < 1e-12)
    }
  }

  /// With a band there is always a path, which stays near the diagonal; a wide one changes nothing.
  @Test func aBandKeepsToTheDiagonal() {
    var numbers = TestNumbers(seed: 9)
    for (n, m) in [(1, 1), (1, 9), (7, 7), (5, 12), (12, 5), (13, 2)] {
      let distances = numbers.floats(n * m).map { Double(abs($0)) }
      for band in [0, 1, 3] {
        let warping = TimeWarping((n, m), band: band) { distances[$0 * m + $1] }
        #expect(warping.cost.isFinite, "\(n) by \(m), band \(band)")
        let scale = Double(min(n, m))
        for step in warping.path {
          let apart =
            abs((Double(step.first) + 0.5) / Double(n) - (Double(step.second) + 0.5) / Double(m))
            * scale
          #expect(apart <= Double(band) + 1)
        }
        if n == m, band == 0 { #expect(warping.path.allSatisfy { $0.first == $0.second }) }
      }
      #expect(
        TimeWarping((n, m), band: 20) { distances[$0 * m + $1] }.cost
          == TimeWarping((n, m)) { distances[$0 * m + $1] }.cost)
    }
  }

  /// A sequence that repeats what the other one does costs nothing.
  @Test func repetitionsAreFree() {
    let (a, b) = ([1.0, 2, 3], [1.0, 1, 2, 2, 2, 3])
    let warping = TimeWarping((a.count, b.count)) { abs(a[$0] - b[$1]) }
    #expect(warping.cost == 0 && warping.path.count == 6)
  }
}
