import ClseqOps
import ClseqTestSupport
import Testing

@Suite struct DropoutTests {
  private let training = Mode.training(RandomKey(seed: 11, epoch: 5))

  /// N events of different times and sequences, in the order of a permutation.
  private func events(_ backend: Backend, _ order: [Int]) throws -> EventIndices {
    EventIndices(
      items: try backend.indices(order.map { _ in 1 }),
      times: try backend.indices(order.map { Int32($0 % 200) }),
      sequences: try backend.indices(order.map { Int32($0 * 7919) }))
  }

  private func run(_ kind: TestBackend, n: Int, d: Int) throws -> [[Float]] {
    let backend = try kind.make()
    var numbers = TestNumbers(seed: UInt64(n * 1000 + d))
    let tape = Tape(backend, mode: training)
    let rate = DropoutRate(0.3)
    let events = try events(backend, Array(0..<n))
    let x = try backend.tensor(numbers.floats(n * d), [n, d])
    let once = try tape.dropout(x, rate: rate, layer: "one", events: events)
    let y = try tape.add(once, try tape.dropout(x, rate: rate, layer: "two", events: events))
    try tape.backward(from: y, gradient: try backend.tensor(numbers.floats(n * d), [n, d]))
    return try [y, try #require(tape.gradient(of: x))].map(backend.read)
  }

  @Test(
    arguments: TestBackend.onDevice, [(1, 1), (5, 31), (64, 32), (65, 33), (20, 64), (130, 65)])
  func deviceMatchesReference(_ kind: TestBackend, shape: (n: Int, d: Int)) throws {
    let actual = try run(kind, n: shape.n, d: shape.d)
    let expected = try run(.reference, n: shape.n, d: shape.d)
    for (a, b) in zip(actual, expected) { #expect(largestError(a, b) < Tolerance.singleValues) }
  }

  @Test(arguments: TestBackend.allCases) func keepsTheAskedShare(_ kind: TestBackend) throws {
    let backend = try kind.make()
    let (n, d) = (300, 64)
    let tape = Tape(backend, mode: training)
    let x = try backend.tensor([Float](repeating: 1, count: n * d), [n, d])
    let y = try backend.read(
      tape.dropout(
        x, rate: DropoutRate(0.2), layer: "a", events: try events(backend, Array(0..<n))))
    #expect(y.allSatisfy { $0 == 0 || $0 == 1.25 })
    // Five standard deviations of a binomial of 19,200 draws.
    #expect(abs(Double(y.count { $0 == 0 }) / Double(n * d) - 0.2) < 5 * 0.0029)
  }

  /// Which values are dropped depends on the event, not on its position in the batch.
  @Test(arguments: TestBackend.allCases) func followsTheEvent(_ kind: TestBackend) throws {
    let backend = try kind.make()
    let (n, d) = (40, 33)
    let x = try backend.tensor([Float](repeating: 1, count: n * d), [n, d])
    let tape = Tape(backend, mode: training)
    func dropped(_ order: [Int]) throws -> [Float] {
      try backend.read(
        tape.dropout(
          x, rate: DropoutRate(0.5), layer: "a", events: try events(backend, order)))
    }
    let straight = try dropped(Array(0..<n))
    let reversed = try dropped(Array((0..<n).reversed()))
    for row in 0..<n {
      let mirrored = n - 1 - row
      #expect(
        straight[row * d..<(row + 1) * d].elementsEqual(
          reversed[mirrored * d..<(mirrored + 1) * d]))
    }
    #expect(straight != reversed)
  }

  @Test(arguments: TestBackend.allCases) func inferenceKeepsAll(_ kind: TestBackend) throws {
    let backend = try kind.make()
    let tape = Tape(backend, mode: .inference)
    let events = try events(backend, [0, 1])
    let x = try backend.tensor([1, 2, 3, 4], [2, 2])
    let rate = DropoutRate(0.5)
    let y = try tape.dropout(x, rate: rate, layer: "a", events: events)
    #expect(try backend.read(y) == [1, 2, 3, 4])
  }
}
