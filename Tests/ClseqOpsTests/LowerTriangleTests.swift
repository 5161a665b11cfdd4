import ClseqOps
import ClseqTestSupport
import Testing

@Suite struct LowerTriangleTests {
  /// More matrices than a work-group takes; each twice, so that gradients accumulate.
  @Test(arguments: TestBackend.allCases, [1, 2, 3, 16, 31, 33, 65])
  func elementsAndGradients(_ kind: TestBackend, size: Int) throws {
    let backend = try kind.make()
    let before = backend.bytesInUse
    do {
      let (n, pairs) = (70, size * (size - 1) / 2)
      var numbers = TestNumbers(seed: UInt64(size))
      let values = numbers.floats(n * size * size)
      let weights = numbers.floats(n * pairs)
      let tape = Tape(backend, mode: .training(RandomKey(seed: 0, epoch: 0)))
      let z = try backend.tensor(values, [n, size, size])
      let y = try tape.add(try tape.lowerTriangle(z), try tape.lowerTriangle(z))
      #expect(y.shape == [n, pairs])
      try tape.backward(from: y, gradient: try backend.tensor(weights, [n, pairs]))
      var expected: [Float] = []
      var gradient = [Float](repeating: 0, count: values.count)
      for matrix in 0..<n {
        for i in 0..<size {
          for j in 0..<i {
            let at = (matrix * size + i) * size + j
            gradient[at] = 2 * weights[expected.count]
            expected.append(2 * values[at])
          }
        }
      }
      #expect(try backend.read(y) == expected)
      #expect(try tape.gradient(of: z).map(backend.read) == gradient)
    }
    #expect(backend.bytesInUse == before)
  }

  @Test(arguments: TestBackend.allCases)
  func anEmptyBatchHasNoElements(_ kind: TestBackend) throws {
    let backend = try kind.make()
    let tape = Tape(backend, mode: .inference)
    #expect(try tape.lowerTriangle(try backend.empty([0, 4, 4])).shape == [0, 6])
  }

  @Test func referenceGradientIsCentralDifference() {
    let (n, size, pairs) = (2, 4, 6)
    var numbers = TestNumbers(seed: 5)
    let z = HostArray(numbers.doubles(n * size * size))
    let (y, dy) = (HostArray(count: n * pairs), HostArray(numbers.doubles(n * pairs)))
    let expected = z.centralDifferences {
      LowerTriangleReference.forward(z.buffer, y.buffer, matrices: n, size: size)
      return zip(y.buffer, dy.buffer).reduce(0) { $0 + $1.0 * $1.1 }
    }
    let dz = HostArray([Double](repeating: 1, count: z.buffer.count))
    LowerTriangleReference.backward(
      dy: dy.buffer, base: dz.buffer, dz: dz.buffer, matrices: n, size: size)
    #expect(largestError(dz.values, expected.map { $0 + 1 }) < Tolerance.centralDifference)
  }

  /// A view has the gradients of its values, beside those that the tensor itself gets.
  @Test(arguments: TestBackend.allCases)
  func aShapeChangesNoGradient(_ kind: TestBackend) throws {
    let backend = try kind.make()
    let before = backend.bytesInUse
    do {
      let tape = Tape(backend, mode: .training(RandomKey(seed: 0, epoch: 0)))
      let x = try backend.tensor([1, 2, 3, 4, 5, 6], [2, 3])
      let view = try tape.reshape(x, [3, 2])
      let y = try tape.concat([try tape.multiply(view, view), try tape.reshape(x, [3, 2])])
      try tape.backward(from: y)
      #expect(try backend.read(y) == [1, 4, 1, 2, 9, 16, 3, 4, 25, 36, 5, 6])
      #expect(try tape.gradient(of: x).map(backend.read) == [3, 5, 7, 9, 11, 13])
    }
    #expect(backend.bytesInUse == before)
  }
}
