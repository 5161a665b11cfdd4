import ClseqOps
import ClseqTestSupport
import Testing

@Suite struct ConcatTests {
  /// One part twice: its gradient is the sum of two slices. Every width is tried in the middle.
  @Test(arguments: TestBackend.allCases, [1, 31, 32, 33, 64, 65])
  func joinsAndSlices(_ kind: TestBackend, width: Int) throws {
    let backend = try kind.make()
    let before = backend.bytesInUse
    do {
      let (n, narrow) = (70, 3)
      var numbers = TestNumbers(seed: UInt64(width))
      let (x, z) = (numbers.floats(n * narrow), numbers.floats(n * width))
      let weights = numbers.floats(n * (2 * narrow + width))
      let tape = Tape(backend, mode: .training(RandomKey(seed: 0, epoch: 0)))
      let (a, b) = (try backend.tensor(x, [n, narrow]), try backend.tensor(z, [n, width]))
      let y = try tape.concat([a, b, a])
      #expect(y.shape == [n, 2 * narrow + width])
      try tape.backward(from: y, gradient: try backend.tensor(weights, y.shape))
      var joined: [Float] = []
      var (da, db): ([Float], [Float]) = ([], [])
      for row in 0..<n {
        let left = x[row * narrow..<(row + 1) * narrow]
        joined += left + z[row * width..<(row + 1) * width] + left
        let slices = Array(weights[row * y.shape[1]..<(row + 1) * y.shape[1]])
        da += (0..<narrow).map { slices[$0] + slices[narrow + width + $0] }
        db += slices[narrow..<narrow + width]
      }
      #expect(try backend.read(y) == joined)
      #expect(try tape.gradient(of: a).map(backend.read) == da)
      #expect(try tape.gradient(of: b).map(backend.read) == db)
    }
    #expect(backend.bytesInUse == before)
  }
}
