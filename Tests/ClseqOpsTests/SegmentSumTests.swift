import ClseqOps
import ClseqTestSupport
import Testing

/// Gradients of gathered rows and of embeddings, where some rows have many events.
@Suite struct SegmentSumTests {
  /// Rows of 700, 257, 256, 1 and some events, unordered.
  private static let ids: [Int32] = {
    let counts = [700, 3, 257, 0, 256, 1]
    let ids = counts.enumerated().flatMap { row, count in
      [Int32](repeating: Int32(row), count: count)
    }
    return ids.indices.map { ids[$0 * 641 % ids.count] }
  }()

  private func gradient(_ backend: Backend, width: Int) throws -> [[Float]] {
    let n = Self.ids.count
    var numbers = TestNumbers(seed: UInt64(width))
    let store = ParameterStore(backend)
    let table = store.declare("table", [6, width], .values(numbers.floats(6 * width)))
    try store.allocate(seed: 1)
    let rows = try backend.rowIndex(RowIndex(Self.ids, rowCount: 6))
    let tape = Tape(backend, mode: .training(RandomKey(seed: 2, epoch: 1)))
    let indices = try backend.indices(Self.ids)
    let events = EventIndices(
      items: indices, times: try backend.indices((0..<n).map { Int32($0 % 60) }),
      sequences: try backend.indices((0..<n).map { Int32($0 / 60) }), itemRows: rows)
    // With dropout and without, and gathered.
    let x = try backend.tensor(numbers.floats(6 * width), [6, width])
    var y = try tape.embedding(
      events, table: table, scale: 0.5, dropout: DropoutRate(0.25), layer: "a")
    y = try tape.add(y, try tape.embedding(events, table: table, layer: "b"))
    y = try tape.add(y, try tape.gather(x, rows: indices, index: rows))
    try tape.backward(from: y, gradient: try backend.tensor(numbers.floats(n * width), [n, width]))
    return try [table.gradient, try #require(tape.gradient(of: x))].map(backend.read)
  }

  @Test(arguments: TestBackend.onDevice, [1, 31, 33, 64, 65])
  func deviceMatchesReference(_ kind: TestBackend, width: Int) throws {
    let backend = try kind.make()
    let before = backend.bytesInUse
    let actual = try gradient(backend, width: width)
    #expect(backend.bytesInUse == before)
    let expected = try gradient(.reference(), width: width)
    for (a, b) in zip(actual, expected) { #expect(largestError(a, b) < Tolerance.sums) }
  }
}
