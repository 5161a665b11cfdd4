import ClseqOps
import ClseqTestSupport
import Testing

@Suite struct EmbeddingTests {
  private struct Case {
    let n: Int
    let d: Int
    var positions = true
    var rate: Float = 0.2
  }

  /// Output and gradients of two embeddings of the same events, added.
  private func run(_ kind: TestBackend, _ this: Case) throws -> [[Float]] {
    let backend = try kind.make()
    let before = backend.bytesInUse
    var results: [[Float]] = []
    do {
      var numbers = TestNumbers(seed: UInt64(this.n * 1000 + this.d))
      let (rows, length) = (50, 20)
      let store = ParameterStore(backend)
      let table = store.declare("table", [rows, this.d], .values(numbers.floats(rows * this.d)))
      let positions = store.declare(
        "positions", [length, this.d], .values(numbers.floats(length * this.d)))
      try store.allocate(seed: 0)
      // Half of the events have the same item.
      let items = numbers.indices(this.n, below: 50).map { $0 % 2 == 0 ? 3 : $0 }
      let times = numbers.indices(this.n, below: 20)
      let events = EventIndices(
        items: try backend.indices(items), times: try backend.indices(times),
        sequences: try backend.indices(numbers.indices(this.n, below: 100_000)),
        itemRows: try backend.rowIndex(RowIndex(items, rowCount: rows)),
        timeRows: try backend.rowIndex(RowIndex(times, rowCount: length)))
      let tape = Tape(backend, mode: .training(RandomKey(seed: 2, epoch: 9)))
      func embedded(_ layer: String) throws -> Tensor {
        try tape.embedding(
          events, table: table, positions: this.positions ? .learned(positions) : nil, scale: 3,
          dropout: DropoutRate(this.rate), layer: layer)
      }
      let y = try tape.add(try embedded("one"), try embedded("two"))
      let dy = try backend.tensor(numbers.floats(this.n * this.d), [this.n, this.d])
      try tape.backward(from: y, gradient: dy)
      results = try [y, table.gradient, positions.gradient].map(backend.read)
    }
    #expect(backend.bytesInUse == before)
    return results
  }

  private func compare(_ kind: TestBackend, _ this: Case) throws {
    let actual = try run(kind, this)
    let expected = try run(.reference, this)
    #expect(largestError(actual[0], expected[0]) < Tolerance.singleValues)
    #expect(largestError(actual[1], expected[1]) < Tolerance.sums)
    #expect(largestError(actual[2], expected[2]) < Tolerance.sums)
  }

  @Test(
    arguments: TestBackend.onDevice,
    [(1, 1), (5, 31), (64, 32), (130, 33), (200, 64), (300, 65), (40, 200), (9, 512)])
  func deviceMatchesReference(_ kind: TestBackend, shape: (n: Int, d: Int)) throws {
    try compare(kind, Case(n: shape.n, d: shape.d))
  }

  @Test(arguments: TestBackend.onDevice)
  func positionsAndDropoutAreOptional(_ kind: TestBackend) throws {
    try compare(kind, Case(n: 70, d: 33, positions: false))
    try compare(kind, Case(n: 70, d: 33, rate: 0))
    try compare(kind, Case(n: 70, d: 33, positions: false, rate: 0))
  }

  @Test(arguments: TestBackend.allCases) func fixedPositions(_ kind: TestBackend) throws {
    let backend = try kind.make()
    let store = ParameterStore(backend)
    let table = store.declare("table", [3, 2], .values([0, 0, 1, 2, 3, 4]))
    try store.allocate(seed: 0)
    let events = EventIndices(
      items: try backend.indices([2, 1, 2]), times: try backend.indices([0, 1, 1]),
      sequences: try backend.indices([5, 5, 5]),
      itemRows: try backend.rowIndex(RowIndex([2, 1, 2], rowCount: 3)))
    let tape = Tape(backend, mode: .training(RandomKey(seed: 0, epoch: 0)))
    let y = try tape.embedding(
      events, table: table, positions: .fixed(try backend.tensor([10, 20, 30, 40], [2, 2])),
      scale: 2, layer: "embedding")
    #expect(try backend.read(y) == [16, 28, 32, 44, 36, 48])
    try tape.backward(from: y, gradient: try backend.tensor([1, 2, 3, 4, 5, 6], [3, 2]))
    #expect(try backend.read(table.gradient) == [0, 0, 6, 8, 12, 16])
  }

  @Test func referenceGradientsAreCentralDifferences() {
    let (d, scale) = (3, 2.5)
    var numbers = TestNumbers(seed: 4)
    let ids: [Int32] = [2, 0, 2, 2]
    let (items, times) = (HostArray(ids), HostArray<Int32>([0, 1, 1, 0]))
    let (table, positions) = (HostArray(numbers.doubles(3 * d)), HostArray(numbers.doubles(2 * d)))
    let dy = HostArray(numbers.doubles(4 * d))
    let y = HostArray(count: 4 * d)
    func loss() -> Double {
      EmbeddingReference.forward(
        items: items.buffer, times: times.buffer, table: table.buffer, positions: positions.buffer,
        y: y.buffer, scale: scale)
      return zip(y.buffer, dy.buffer).reduce(0) { $0 + $1.0 * $1.1 }
    }
    func gradient(_ ids: [Int32], _ rowCount: Int, _ scale: Double) -> [Double] {
      let result = HostArray(count: rowCount * d)
      SegmentSumReference.add(
        dy.buffer, RowIndex(ids, rowCount: rowCount), weights: nil, perEntry: 1,
        into: result.buffer, width: d, scale: scale)
      return result.values
    }
    let itemError = largestError(gradient(ids, 3, scale), table.centralDifferences(loss))
    let timeError = largestError(
      gradient(times.values, 2, 1), positions.centralDifferences(loss))
    #expect(itemError < Tolerance.centralDifference)
    #expect(timeError < Tolerance.centralDifference)
  }
}
