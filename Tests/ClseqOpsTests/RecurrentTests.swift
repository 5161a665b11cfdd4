import ClseqOps
import ClseqRuntime
import ClseqTestSupport
import Testing

@Suite struct RecurrentTests {
  /// Widths around those of vectors and tiles, and one with which a step is a launch of its own on a GPU.
  static let cases = zip(
    [1, 31, 32, 33, 64, 65, 257],
    [(1, true), (7, false), (9, true), (2, true), (31, false), (5, true), (3, true)]
  ).flatMap { hidden, rest in
    RecurrentCell.allCases.map {
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

  /// One launch per step computes what one launch does, up to the order of sums; its work is the same.
  @Test(arguments: cases)
  func formsAgree(_ test: RecurrentCase) throws {
    guard test.hidden < 256 else { return }
    let context = try Context(try TestBackend.context().device, profiling: true)
    let backend = Backend(context, tuning: .gpu)
    let lengths = [9, 1, 33, 0, 2] + [Int](repeating: 4, count: 20)
    let before = backend.bytesInUse
    let profile = try #require(context.profile)
    var work: [[Double]] = []
    var results: [RecurrentCase.Results] = []
    for form in RecurrentForm.allCases {
      results.append(try test.run(backend, lengths, form: form))
      #expect(backend.bytesInUse == before)
      let rows = try profile.table().filter { $0.kernel.hasPrefix("\(test.cell)_") }
      #expect(rows.count == 2)
      work.append(
        rows.sorted { $0.kernel < $1.kernel }.flatMap { [$0.flops, $0.bytes] })
      try profile.reset()
    }
    compare(results[1], results[0])
    for (one, other) in zip(work[0], work[1]) { #expect(one > 0 && abs(one - other) < 1e-9 * one) }
  }

  /// Bits of a sequence alone and among others, forward and backward.
  @Test(arguments: TestBackend.allCases, RecurrentCell.allCases)
  func batchNeverChangesSequence(_ kind: TestBackend, _ cell: RecurrentCell) throws {
    let backend = try kind.make()
    let test = RecurrentCase(cell: cell, inputs: 5, hidden: 33, hasState: false)
    let lengths = [17, 40, 3] + [Int](repeating: 6, count: 21)
    let whole = try test.run(backend, lengths)
    var row = 0
    for length in lengths.prefix(5) {
      let alone = try test.run(backend, [length], firstRow: row)
      for (name, width) in [("output", test.hidden), ("dx", test.inputs)] {
        let rows = row * width..<(row + length) * width
        #expect(alone[name] == whole[name].map { Array($0[rows]) }, "\(name)")
      }
      row += length
    }
  }

  @Test(arguments: TestBackend.allCases, RecurrentCell.allCases)
  func laterEventNeverChangesEarlierOutput(
    _ kind: TestBackend, _ cell: RecurrentCell
  ) throws {
    let backend = try kind.make()
    let test = RecurrentCase(cell: cell, inputs: 3, hidden: 20)
    var numbers = TestNumbers(seed: 4)
    var x = numbers.floats(50 * 3)
    let one = try #require(try test.run(backend, [50], x: x)["output"])
    for index in 30 * 3..<50 * 3 { x[index] = 1 - x[index] }
    let other = try #require(try test.run(backend, [50], x: x)["output"])
    #expect(one.prefix(30 * test.hidden) == other.prefix(30 * test.hidden))
    #expect(one.suffix(test.hidden) != other.suffix(test.hidden))
  }

  /// The arguments of the gates are as large as Float allows for products of them.
  @Test(arguments: TestBackend.onDevice, RecurrentCell.allCases)
  func largeInputs(_ kind: TestBackend, _ cell: RecurrentCell) throws {
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
    for cell in RecurrentCell.allCases {
      let test = RecurrentCase(cell: cell, inputs: 4, hidden: 5)
      let results = try test.run(backend, [0, 0])
      let reference = try test.run(.reference(), [0, 0])
      #expect(results == reference)
      #expect(try test.run(backend, [])["output"] == [])
    }
  }
}
