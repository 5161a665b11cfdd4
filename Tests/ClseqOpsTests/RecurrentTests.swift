import ClseqOps
import ClseqRuntime
import ClseqTestSupport
import Testing

@Suite struct RecurrentTests {
  /// Widths around those of vectors and tiles.
  static let cases = zip(
    [1, 31, 32, 33, 64, 65], [(1, true), (7, false), (9, true), (2, true), (31, false), (5, true)]
  ).flatMap { hidden, rest in
    RecurrentCase.Cell.allCases.map {
      RecurrentCase(cell: $0, inputs: rest.0, hidden: hidden, hasState: rest.1)
    }
  }
  /// Unordered, and more than one block of sequences, one of them empty.
  static let lengths =
    [65, 1, 200, 0, 63, 2, 64] + [Int](repeating: 3, count: 9) + [5, 17, 2, 1, 1, 9]

  private func compare(_ actual: RecurrentCase.Results, _ expected: RecurrentCase.Results) {
    #expect(actual.keys.sorted() == expected.keys.sorted())
    for (name, values) in expected {
      let error = largestError(actual[name] ?? [], values)
      #expect(error < Tolerance.recurrence, "\(name)")
    }
  }

  /// The layer runs twice on one input, so that the second's gradients add to the first's.
  @Test(arguments: TestBackend.onDevice, cases)
  func deviceAgainstReference(_ kind: TestBackend, _ test: RecurrentCase) throws {
    let backend = try kind.make()
    let before = backend.bytesInUse
    let expected = try test.run(.reference(), Self.lengths, times: 2)
    compare(try test.run(backend, Self.lengths, times: 2), expected)
    #expect(backend.bytesInUse == before)
  }

  /// One launch per step computes the same bits as one launch.
  @Test(arguments: TestBackend.onDevice, cases)
  func formsAgree(_ kind: TestBackend, _ test: RecurrentCase) throws {
    let backend = try kind.make()
    let lengths = [9, 1, 33, 0, 2] + [Int](repeating: 4, count: 20)
    let before = backend.bytesInUse
    let steps = try test.run(backend, lengths, form: .steps)
    #expect(backend.bytesInUse == before)
    #expect(try test.run(backend, lengths, form: .sequences) == steps)
  }

  /// The work of a layer is the same in one launch and in one per step, the backward pass's too, which
  /// has one step more with an initial state.
  @Test(arguments: TestBackend.onDevice, RecurrentCase.Cell.allCases)
  func formsHaveTheSameCost(_ kind: TestBackend, _ cell: RecurrentCase.Cell) throws {
    let backend = try kind.make()
    let context = try Context(try TestBackend.context().device, profiling: true)
    let test = RecurrentCase(cell: cell, inputs: 3, hidden: 8)
    var costs: [[String: [Double]]] = []
    for form in RecurrentForm.allCases {
      _ = try test.run(Backend(context, tuning: backend.tuning), [3, 1, 2], form: form)
      let profile = try #require(context.profile)
      let rows = try profile.table().filter {
        $0.kernel.hasSuffix("_forward") || $0.kernel.hasSuffix("_backward")
      }.filter { $0.kernel.hasPrefix("lstm") || $0.kernel.hasPrefix("gru") }
      #expect(rows.count == 2)
      costs.append(
        Dictionary(uniqueKeysWithValues: rows.map { ($0.kernel, [$0.flops, $0.bytes]) }))
      try profile.reset()
    }
    for (kernel, cost) in costs[0] {
      for (one, other) in zip(cost, try #require(costs[1][kernel])) {
        #expect(one > 0 && abs(one - other) < 1e-9 * one, "\(kernel): \(one), \(other)")
      }
    }
  }

  /// Bits of a sequence alone and among others, forward and backward.
  @Test(arguments: TestBackend.allCases, RecurrentCase.Cell.allCases)
  func batchNeverChangesSequence(_ kind: TestBackend, _ cell: RecurrentCase.Cell) throws {
    let backend = try kind.make()
    let test = RecurrentCase(cell: cell, inputs: 5, hidden: 33, hasState: false)
    let lengths = [17, 40, 3] + [Int](repeating: 6, count: 21)
    let whole = try test.run(backend, lengths)
    var row = 0
    for length in lengths.prefix(5) {
      let alone = try test.run(backend, [length], firstRow: row)
      for (name, width) in [("output", test.outputs), ("dx", test.inputs)] {
        let rows = row * width..<(row + length) * width
        #expect(alone[name] == whole[name].map { Array($0[rows]) }, "\(name)")
      }
      row += length
    }
  }

  @Test(arguments: TestBackend.allCases, RecurrentCase.Cell.allCases)
  func laterEventNeverChangesEarlierOutput(
    _ kind: TestBackend, _ cell: RecurrentCase.Cell
  ) throws {
    let backend = try kind.make()
    let test = RecurrentCase(cell: cell, inputs: 3, hidden: 20)
    var numbers = TestNumbers(seed: 4)
    var x = numbers.floats(50 * 3)
    let one = try #require(try test.run(backend, [50], x: x)["output"])
    for index in 30 * 3..<50 * 3 { x[index] = 1 - x[index] }
    let other = try #require(try test.run(backend, [50], x: x)["output"])
    #expect(one.prefix(30 * test.outputs) == other.prefix(30 * test.outputs))
    #expect(one.suffix(test.outputs) != other.suffix(test.outputs))
  }

  /// The arguments of the gates are as large as Float allows for products of them.
  @Test(arguments: TestBackend.onDevice, RecurrentCase.Cell.allCases)
  func largeInputs(_ kind: TestBackend, _ cell: RecurrentCase.Cell) throws {
    let test = RecurrentCase(cell: cell, inputs: 4, hidden: 19, hasState: false, scale: 1e30)
    let expected = try test.run(.reference(), [7, 30])
    var actual = try test.run(try kind.make(), [7, 30])
    // Gates that are almost 0 have large relative errors, and such inputs magnify them.
    for name in ["dW_ih", "dx"] { actual[name] = expected[name] }
    compare(actual, expected)
  }

  /// Only the final state has a gradient, or nothing has one.
  @Test(arguments: TestBackend.allCases)
  func emptyBatches(_ kind: TestBackend) throws {
    let backend = try kind.make()
    for cell in RecurrentCase.Cell.allCases {
      let test = RecurrentCase(cell: cell, inputs: 4, hidden: 5)
      let results = try test.run(backend, [0, 0])
      let reference = try test.run(.reference(), [0, 0])
      #expect(results == reference)
      #expect(try test.run(backend, [])["output"] == [])
    }
  }
}
