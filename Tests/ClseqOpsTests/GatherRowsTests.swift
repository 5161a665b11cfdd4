import ClseqOps
import ClseqTestSupport
import Testing

@Suite struct GatherRowsTests {
  @Test(arguments: TestBackend.allCases, [1, 31, 32, 33, 64, 65])
  func rowsByIndex(_ kind: TestBackend, width: Int) throws {
    let backend = try kind.make()
    let before = backend.bytesInUse
    do {
      let values = (0..<5 * width).map(Float.init)
      let x = try backend.tensor(values, [5, width])
      let y = try backend.gatherRows(x, rows: try backend.indices([4, 0, 4]))
      let expected = [4, 0, 4].flatMap { values[$0 * width..<($0 + 1) * width] }
      #expect(try backend.read(y) == expected)
    }
    #expect(backend.bytesInUse == before)
  }

  /// Rows that occur twice and never, added to an existing gradient, in place and not.
  @Test(arguments: TestBackend.allCases, [1, 31, 32, 33, 64, 65])
  func gradientIsTheSumOverARowsPlaces(_ kind: TestBackend, width: Int) throws {
    let backend = try kind.make()
    let before = backend.bytesInUse
    do {
      let rows: [Int32] = [4, 0, 4]
      let tape = Tape(backend, mode: .training(RandomKey(seed: 0, epoch: 0)))
      let x = try backend.tensor([Float](repeating: 1, count: 5 * width), [5, width])
      let index = try backend.rowIndex(RowIndex(rows, rowCount: 5))
      let places = try backend.indices(rows)
      let once = try tape.gather(x, rows: places, index: index)
      let twice = try tape.gather(x, rows: places, index: index)
      let y = try tape.add(once, twice)
      let dy = (0..<3 * width).map { Float($0 + 1) }
      try tape.backward(from: y, gradient: try backend.tensor(dy, [3, width]))
      var expected = [Float](repeating: 0, count: 5 * width)
      for c in 0..<width {
        expected[c] = 2 * dy[width + c]
        expected[4 * width + c] = 2 * (dy[c] + dy[2 * width + c])
      }
      #expect(try tape.gradient(of: x).map(backend.read) == expected)
    }
    #expect(backend.bytesInUse == before)
  }

  /// An existing gradient that is shared with another tensor is not overwritten.
  @Test(arguments: TestBackend.allCases)
  func aSharedGradientIsLeftAlone(_ kind: TestBackend) throws {
    let backend = try kind.make()
    let tape = Tape(backend, mode: .training(RandomKey(seed: 0, epoch: 0)))
    let (x, z) = (try backend.tensor([1, 2, 3], [3, 1]), try backend.tensor([4, 5, 6], [3, 1]))
    let index = try backend.rowIndex(RowIndex([2, 0, 2], rowCount: 3))
    let y = try tape.gather(x, rows: try backend.indices([2, 0, 2]), index: index)
    let sum = try tape.add(y, try tape.add(x, z))
    try tape.backward(from: sum)
    #expect(try tape.gradient(of: z).map(backend.read) == [1, 1, 1])
    #expect(try tape.gradient(of: x).map(backend.read) == [2, 1, 3])
  }
}
