import ClseqOps
import ClseqTestSupport
import Testing

@Suite struct SelectTests {
  /// More rows than a work-group has.
  private static let choices = (0..<70).map { (row: Int32) -> Int32 in row % 3 == 1 ? row % 2 : -1 }

  @Test(arguments: TestBackend.allCases, [1, 5, 5000])
  func itemsAreReplacedWhereChosen(_ kind: TestBackend, _ count: Int) throws {
    let backend = try kind.make()
    let before = backend.bytesInUse
    do {
      let choices = (0..<Int32(count)).map { (row: Int32) -> Int32 in [-1, -1, 0, 2][Int(row % 4)] }
      let items = (0..<Int32(count)).map { (row: Int32) -> Int32 in 100 + row }
      let selected = try backend.selectItems(
        try backend.indices(items), try backend.indices([7, 8, -1]),
        where: try backend.indices(choices))
      // The third other is none.
      let expected = items.map { (item: Int32) -> Int32 in (item - 100) % 4 == 2 ? 7 : item }
      #expect(try backend.read(selected) == expected)
    }
    #expect(backend.bytesInUse == before)
  }

  /// Rows and their gradients, added to an existing one, in place and not.
  @Test(arguments: TestBackend.allCases, [1, 31, 32, 33, 64, 65])
  func rowsAndGradients(_ kind: TestBackend, width: Int) throws {
    let backend = try kind.make()
    let before = backend.bytesInUse
    do {
      let (count, shape) = (70 * width, [70, width])
      let (a, b) = ((0..<count).map { Float($0 % 97) }, (0..<count).map { Float($0 % 89) + 0.5 })
      let tape = Tape(backend, mode: .training(RandomKey(seed: 0, epoch: 0)))
      let (x, other) = (try backend.tensor(a, shape), try backend.tensor(b, shape))
      let choices = try backend.indices(Self.choices)
      let once = try tape.selectRows(x, other, where: choices)
      let twice = try tape.selectRows(x, other, where: choices)
      let isChosen = (0..<count).map { Self.choices[$0 / width] >= 0 }
      #expect(try backend.read(once) == (0..<count).map { isChosen[$0] ? b[$0] : a[$0] })
      let dy = (0..<count).map { Float($0 % 83) + 1 }
      try tape.backward(
        from: try tape.add(once, twice), gradient: try backend.tensor(dy, shape))
      #expect(
        try tape.gradient(of: x).map(backend.read)
          == (0..<count).map { isChosen[$0] ? 0 : 2 * dy[$0] })
      #expect(tape.gradient(of: other) == nil)
    }
    #expect(backend.bytesInUse == before)
  }

  @Test func referenceGradientIsCentralDifference() {
    var numbers = TestNumbers(seed: 3)
    let (a, b, dy) = (
      HostArray(numbers.doubles(6)), HostArray(numbers.doubles(6)), HostArray(numbers.doubles(6))
    )
    let (y, da) = (HostArray(count: 6), HostArray(count: 6))
    var choices: [Int32] = [-1, 0, -1]
    choices.withUnsafeMutableBufferPointer { choices in
      let expected = a.centralDifferences {
        SelectReference.rows(a.buffer, b.buffer, choices, base: nil, y.buffer, width: 2)
        return zip(y.buffer, dy.buffer).reduce(0) { $0 + $1.0 * $1.1 }
      }
      SelectReference.rows(dy.buffer, nil, choices, base: nil, da.buffer, width: 2)
      #expect(largestError(da.values, expected) < Tolerance.centralDifference)
    }
  }
}
