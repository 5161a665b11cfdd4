import ClseqOps
import ClseqTestSupport
import Testing

@Suite struct AddTests {
  @Test(arguments: TestBackend.allCases, [1, 33, 5000])
  func sumAndGradients(_ kind: TestBackend, count: Int) throws {
    let backend = try kind.make()
    let before = backend.bytesInUse
    do {
      let tape = Tape(backend, mode: .training(RandomKey(seed: 0, epoch: 0)))
      let a = try backend.tensor((0..<count).map { Float($0) }, [count])
      let b = try backend.tensor((0..<count).map { Float(2 * $0) }, [count])
      let y = try tape.add(try tape.add(a, b), a)
      try tape.backward(from: y)
      #expect(try backend.read(y) == (0..<count).map { Float(4 * $0) })
      #expect(try tape.gradient(of: a).map(backend.read) == [Float](repeating: 2, count: count))
      #expect(try tape.gradient(of: b).map(backend.read) == [Float](repeating: 1, count: count))
    }
    #expect(backend.bytesInUse == before)
  }
}
