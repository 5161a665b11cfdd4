import ClseqInference
import ClseqTestSupport
import Testing

/// Distances from many vectors.
@Suite struct VectorDistributionTests {
  /// Two independent directions with deviations 3 and 1/2: the distance is in deviations, but for the shrinkage.
  @Test func distancesAreInDeviations() {
    var distribution = VectorDistribution(width: 2)
    for (x, y) in [(3, 0.5), (-3, 0.5), (3, -0.5), (-3, -0.5)] as [(Float, Float)] {
      distribution.add([10 + x, y])
    }
    let isFinished = distribution.finish()
    #expect(isFinished)
    let share = VectorDistribution.shrinkage
    let ridge = share * (9 + 0.25) / 2
    for (point, expected) in [
      ([10, 0], 0.0), ([16, 0], 6 / ((1 - share) * 9 + ridge).squareRoot()),
      ([10, 2], 2 / ((1 - share) * 0.25 + ridge).squareRoot()),
    ] as [([Float], Double)] {
      #expect(abs(distribution.distance(of: point[...]) - expected) < 1e-9)
    }
  }

  /// The mean of the squared distances of the vectors themselves is about their width.
  @Test func theMeanSquareIsTheWidth() {
    var numbers = TestNumbers(seed: 8)
    let (width, count) = (6, 400)
    let values = numbers.floats(count * width)
    func vector(_ row: Int) -> ArraySlice<Float> { values[row * width..<(row + 1) * width] }
    var distribution = VectorDistribution(width: width)
    for row in 0..<count { distribution.add(vector(row)) }
    let isFinished = distribution.finish()
    #expect(isFinished)
    let squares = (0..<count).map { row in
      let distance = distribution.distance(of: vector(row))
      return distance * distance
    }
    #expect(abs(squares.reduce(0, +) / Double(count) - Double(width)) < 0.1)
  }

  @Test func equalVectorsAndNumbersThatAreNoneAreRefused() {
    var (same, none) = (VectorDistribution(width: 2), VectorDistribution(width: 2))
    for _ in 0..<3 { same.add([1, 2]) }
    for value in [1, Float.nan, 2] { none.add([value, 1]) }
    #expect(!same.finish() && !none.finish())
    var empty = VectorDistribution(width: 2)
    let isEmptyFinished = empty.finish()
    #expect(!isEmptyFinished)
  }
}
