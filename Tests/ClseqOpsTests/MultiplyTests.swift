import ClseqOps
import ClseqTestSupport
import Testing

@Suite struct MultiplyTests {
  /// a b + a a, whose gradients are 2 a + b and a.
  @Test(arguments: TestBackend.allCases, [1, 31, 33, 5000])
  func productAndGradients(_ kind: TestBackend, count: Int) throws {
    let backend = try kind.make()
    let before = backend.bytesInUse
    do {
      let tape = Tape(backend, mode: .training(RandomKey(seed: 0, epoch: 0)))
      let (x, z) = ((0..<count).map { Float($0 % 97) }, (0..<count).map { Float($0 % 89) + 0.5 })
      let (a, b) = (try backend.tensor(x, [count]), try backend.tensor(z, [count]))
      let y = try tape.add(try tape.multiply(a, b), try tape.multiply(a, a))
      try tape.backward(from: y)
      #expect(try backend.read(y) == zip(x, z).map { $0 * $1 + $0 * $0 })
      #expect(try tape.gradient(of: a).map(backend.read) == zip(x, z).map { 2 * $0 + $1 })
      #expect(try tape.gradient(of: b).map(backend.read) == x)
    }
    #expect(backend.bytesInUse == before)
  }

  /// 3 a + 0.5 (3 a), whose gradient is 4.5.
  @Test(arguments: TestBackend.allCases, [1, 33, 5000])
  func aNumberTimesATensor(_ kind: TestBackend, count: Int) throws {
    let backend = try kind.make()
    let before = backend.bytesInUse
    do {
      let tape = Tape(backend, mode: .training(RandomKey(seed: 0, epoch: 0)))
      let x = (0..<count).map { Float($0 % 97) }
      let a = try backend.tensor(x, [count])
      let b = try tape.scale(a, by: 3)
      let y = try tape.add(b, try tape.scale(b, by: 0.5))
      try tape.backward(from: y)
      #expect(try backend.read(y) == x.map { 4.5 * $0 })
      #expect(try tape.gradient(of: a).map(backend.read) == x.map { _ in 4.5 })
    }
    #expect(backend.bytesInUse == before)
  }

  @Test func referenceGradientIsCentralDifference() {
    var numbers = TestNumbers(seed: 3)
    let (a, b, dy) = (
      HostArray(numbers.doubles(5)), HostArray(numbers.doubles(5)), HostArray(numbers.doubles(5))
    )
    let (y, da) = (HostArray(count: 5), HostArray(count: 5))
    let expected = a.centralDifferences {
      MultiplyReference.run(a.buffer, b.buffer, base: nil, y.buffer)
      return zip(y.buffer, dy.buffer).reduce(0) { $0 + $1.0 * $1.1 }
    }
    MultiplyReference.run(dy.buffer, b.buffer, base: nil, da.buffer)
    #expect(largestError(da.values, expected) < Tolerance.centralDifference)
  }
}
