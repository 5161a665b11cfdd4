import ClseqOps
import ClseqTestSupport
import Testing

@Suite struct MatmulTests {
  enum Layout: CaseIterable {
    case nn, nt, tn

    func shape(m: Int, n: Int, k: Int, batch: Int = 1) -> MatmulShape {
      MatmulShape(
        m: m, n: n, k: k, batch: batch, transposeA: self == .tn, transposeB: self == .nt)
    }
  }

  /// A product on a backend, and in Double by the reference, both added to random values in place
  /// twice.
  private func compare(_ kind: TestBackend, _ shape: MatmulShape) throws {
    let backend = try kind.make()
    let before = backend.bytesInUse
    var numbers = TestNumbers(seed: 1)
    let (a, b) = (numbers.floats(shape.extents.a), numbers.floats(shape.extents.b))
    let c = numbers.floats(shape.extents.c)
    let expected = HostArray(c.map(Double.init))
    let (wideA, wideB) = (HostArray(a.map(Double.init)), HostArray(b.map(Double.init)))
    for _ in 0..<2 {
      MatmulReference.multiply(
        wideA.buffer, wideB.buffer, into: expected.buffer, shape, base: expected.buffer)
    }
    do {
      let tensors = try [a, b, c].map { try backend.tensor($0, [$0.count]) }
      for _ in 0..<2 {
        try backend.matmul(tensors[0], tensors[1], into: tensors[2], shape, base: tensors[2])
      }
      let actual = try backend.read(tensors[2]).map(Double.init)
      #expect(largestError(actual, expected.values) < Tolerance.sums, "\(shape)")
    }
    #expect(backend.bytesInUse == before)
  }

  @Test(arguments: TestBackend.onDevice, Layout.allCases)
  func smallCases(_ kind: TestBackend, _ layout: Layout) throws {
    try compare(kind, layout.shape(m: 7, n: 17, k: 5))
    try compare(kind, layout.shape(m: 3, n: 2, k: 9, batch: 2))
  }

  @Test(arguments: TestBackend.onDevice, Layout.allCases)
  func awkwardWidths(_ kind: TestBackend, _ layout: Layout) throws {
    for m in [1, 31, 32, 33, 64, 65] {
      for n in [1, 31, 32, 33, 64, 65] {
        for k in [1, 33, 65] { try compare(kind, layout.shape(m: m, n: n, k: k)) }
      }
    }
  }

  /// The form for batches of small matrices: every width of a tile, one and several tiles of rows, the
  /// largest depths, and sizes that are just too large for it.
  @Test(arguments: TestBackend.onDevice, Layout.allCases)
  func batchesOfSmallMatrices(_ kind: TestBackend, _ layout: Layout) throws {
    for (m, n, k) in [
      (1, 1, 1), (4, 4, 8), (5, 31, 8), (8, 8, 64), (17, 17, 33), (32, 32, 256), (32, 256, 32),
      (15, 64, 15), (16, 65, 31), (33, 8, 8), (8, 257, 8), (8, 8, 257), (8, 33, 33),
    ] {
      for batch in [2, 5, 130] { try compare(kind, layout.shape(m: m, n: n, k: k, batch: batch)) }
    }
  }

  /// x xᵀ: x gets the gradients of both factors, (dC + dCᵀ) x, and here of two such products.
  @Test(arguments: TestBackend.allCases, [(3, 5, 2), (17, 64, 3), (40, 9, 2)])
  func productWithItself(_ kind: TestBackend, size: (f: Int, d: Int, batch: Int)) throws {
    let backend = try kind.make()
    let before = backend.bytesInUse
    do {
      let (f, d) = (size.f, size.d)
      var numbers = TestNumbers(seed: 6)
      let values = numbers.floats(size.batch * f * d)
      let weights = numbers.floats(size.batch * f * f)
      let tape = Tape(backend, mode: .training(RandomKey(seed: 0, epoch: 0)))
      let x = try backend.tensor(values, [size.batch, f, d])
      let c = try tape.add(
        try tape.matmul(x, x, transposeB: true), try tape.matmul(x, x, transposeB: true))
      try tape.backward(from: c, gradient: try backend.tensor(weights, c.shape))
      var expected: [Double] = []
      for n in 0..<size.batch {
        for i in 0..<f {
          for e in 0..<d {
            expected.append(
              (0..<f).reduce(0.0) { sum, j in
                let both = weights[(n * f + i) * f + j] + weights[(n * f + j) * f + i]
                return sum + 2 * Double(both) * Double(values[(n * f + j) * d + e])
              })
          }
        }
      }
      let gradient = try backend.read(try #require(tape.gradient(of: x))).map(Double.init)
      #expect(largestError(gradient, expected) < Tolerance.sums)
    }
    #expect(backend.bytesInUse == before)
  }

  /// Several blocks of every kind: of rows, panels, steps of K, splits.
  @Test(arguments: TestBackend.onDevice, Layout.allCases)
  func largerThanAnyBlock(_ kind: TestBackend, _ layout: Layout) throws {
    try compare(kind, layout.shape(m: 300, n: 310, k: 37))
    try compare(kind, layout.shape(m: 33, n: 50, k: 1000))
    try compare(kind, layout.shape(m: 2000, n: 20, k: 300))
    try compare(kind, layout.shape(m: 20, n: 30, k: 600, batch: 3))
  }

  /// No step of K, as for a batch without events: C is the base, or zeros.
  @Test(arguments: TestBackend.allCases, Layout.allCases)
  func nothingToSum(_ kind: TestBackend, _ layout: Layout) throws {
    let backend = try kind.make()
    for (m, n, batch) in [(7, 17, 1), (70, 80, 1), (3, 5, 2), (40, 300, 2)] {
      let shape = layout.shape(m: m, n: n, k: 0, batch: batch)
      let nothing = try backend.empty([0])
      let c = try backend.filled([batch, m, n], with: 7)
      try backend.matmul(nothing, nothing, into: c, shape, base: c)
      #expect(try backend.read(c).allSatisfy { $0 == 7 }, "\(shape)")
      try backend.matmul(nothing, nothing, into: c, shape)
      #expect(try backend.read(c).allSatisfy { $0 == 0 }, "\(shape)")
    }
  }

  /// More matrices than the second and third axis of a GPU's grid have work-groups.
  @Test(arguments: TestBackend.onDevice, [Layout.nn, .tn])
  func largeBatch(_ kind: TestBackend, _ layout: Layout) throws {
    try compare(kind, layout.shape(m: 33, n: 2, k: 1, batch: 65_537))
  }

  /// Rows and matrices of a batch with gaps between them; one B for the whole batch.
  @Test(arguments: TestBackend.onDevice, Layout.allCases)
  func stridedBatch(_ kind: TestBackend, _ layout: Layout) throws {
    var shape = layout.shape(m: 33, n: 18, k: 35, batch: 3)
    shape.rowStrides = (shape.rowStrides.a + 3, shape.rowStrides.b + 5, shape.rowStrides.c + 7)
    shape.batchStrides = (50 * 60, 0, 40 * 30)
    try compare(kind, shape)
  }

  /// The gaps between the rows of C are not overwritten.
  @Test(arguments: TestBackend.onDevice, Layout.allCases)
  func gapsAreNotWritten(_ kind: TestBackend, _ layout: Layout) throws {
    let backend = try kind.make()
    var shape = layout.shape(m: 13, n: 19, k: 4)
    shape.rowStrides.c = 24
    let a = try backend.tensor([Float](repeating: 1, count: 13 * 4), [13 * 4])
    let b = try backend.tensor([Float](repeating: 1, count: 19 * 4), [19 * 4])
    let c = try backend.tensor([Float](repeating: -1, count: 13 * 24), [13, 24])
    try backend.matmul(a, b, into: c, shape)
    let expected = (0..<13 * 24).map { $0 % 24 < 19 ? Float(4) : -1 }
    #expect(try backend.read(c) == expected)
  }

  @Test(arguments: TestBackend.onDevice)
  func sameBytesTwice(_ kind: TestBackend) throws {
    let backend = try kind.make()
    var numbers = TestNumbers(seed: 2)
    let x = try backend.tensor(numbers.floats(5000 * 40), [5000, 40])
    let shape = MatmulShape(m: 40, n: 40, k: 5000, transposeA: true)
    let results = try (0..<2).map { _ in
      let c = try backend.empty([40, 40])
      try backend.matmul(x, x, into: c, shape)
      return try backend.read(c)
    }
    #expect(results[0] == results[1])
  }

  @Test(arguments: TestBackend.onDevice, [(5, 7), (700, 33)])
  func columnSums(_ kind: TestBackend, size: (k: Int, m: Int)) throws {
    let backend = try kind.make()
    var numbers = TestNumbers(seed: 3)
    let values = numbers.floats(size.k * size.m)
    let a = try backend.tensor(values, [size.k, size.m])
    let sums = try backend.tensor([Float](repeating: 1, count: size.m), [size.m])
    let c = try backend.empty([size.m, size.m])
    let shape = MatmulShape(m: size.m, n: size.m, k: size.k, transposeA: true)
    try backend.matmul(a, a, into: c, shape, columnSums: sums)
    let expected = (0..<size.m).map { i in
      (0..<size.k).reduce(1.0) { $0 + Double(values[$1 * size.m + i]) }
    }
    #expect(largestError(try backend.read(sums).map(Double.init), expected) < Tolerance.sums)
  }

  /// The tape's gradients of every layout, against exact differences: the loss is linear in each
  /// operand, and all numbers are small integers.
  @Test(arguments: TestBackend.allCases, Layout.allCases)
  func gradientsAreDifferences(_ kind: TestBackend, _ layout: Layout) throws {
    for batch in [1, 3] { try compareGradients(kind, layout, batch: batch) }
  }

  private func compareGradients(_ kind: TestBackend, _ layout: Layout, batch: Int) throws {
    let backend = try kind.make()
    let shape = layout.shape(m: 3, n: 4, k: 2, batch: batch)
    var numbers = TestNumbers(seed: 4)
    let count = (a: batch * 6, b: batch * 8, c: batch * 12)
    let values = (
      a: numbers.floats(count.a).map { $0.rounded() },
      b: numbers.floats(count.b).map { $0.rounded() }
    )
    let weights = numbers.floats(count.c).map { $0.rounded() }
    func loss(_ a: [Float], _ b: [Float]) -> Float {
      let (hostA, hostB) = (HostArray(a), HostArray(b))
      let c = HostArray([Float](repeating: 0, count: count.c))
      MatmulReference.multiply(hostA.buffer, hostB.buffer, into: c.buffer, shape)
      return zip(c.buffer, weights).reduce(0) { $0 + $1.0 * $1.1 }
    }
    func differences(_ values: [Float], _ loss: ([Float]) -> Float) -> [Float] {
      values.indices.map { index in
        var changed = values
        changed[index] += 1
        return loss(changed) - loss(values)
      }
    }
    let tape = Tape(backend, mode: .training(RandomKey(seed: 0, epoch: 0)))
    let leading = batch == 1 ? [] : [batch]
    let a = try backend.tensor(values.a, leading + (layout == .tn ? [2, 3] : [3, 2]))
    let b = try backend.tensor(values.b, leading + (layout == .nt ? [4, 2] : [2, 4]))
    let c = try tape.matmul(a, b, transposeA: layout == .tn, transposeB: layout == .nt)
    #expect(c.shape == leading + [3, 4])
    try tape.backward(from: c, gradient: try backend.tensor(weights, c.shape))
    let da = try backend.read(try #require(tape.gradient(of: a)))
    let db = try backend.read(try #require(tape.gradient(of: b)))
    #expect(da == differences(values.a) { loss($0, values.b) })
    #expect(db == differences(values.b) { loss(values.a, $0) })
  }
}
