import ClseqOps
import ClseqRuntime
import ClseqTestSupport
import Testing

/// Products by a matrix unit, whose instruction is computed by its twin in OpenCL C: the same division of
/// registers among the items of a warp, and the same rounding of factors.
@Suite struct MatrixUnitTests {
  private static let precisions: [Precision] = [.tf32, .bf16]

  private func backend(
    _ precision: Precision, storage: Tensor.ElementType = .float32
  ) throws -> Backend {
    Backend(
      try TestBackend.context(), tuning: .gpu, matrixUnit: MatrixUnit(precision, isTwin: true),
      storage: storage)
  }

  /// Plain, transposed either way, in batches, in several tiles with incomplete ones, and split. Batches
  /// of small matrices take no matrix unit.
  private static let shapes = [
    MatmulShape(m: 5, n: 3, k: 1), MatmulShape(m: 130, n: 70, k: 33),
    MatmulShape(m: 65, n: 129, k: 64, transposeB: true),
    MatmulShape(m: 31, n: 40, k: 300, transposeA: true),
    MatmulShape(m: 36, n: 8, k: 17, batch: 3, transposeB: true),
  ]

  private func product(_ backend: Backend, _ shape: MatmulShape, _ value: (Int) -> Float) throws
    -> [[Float]]
  {
    let extents = shape.extents
    let a = try backend.tensor((0..<extents.a).map(value), [extents.a])
    let b = try backend.tensor((0..<extents.b).map { value(3 * $0 + 1) }, [extents.b])
    let c = try backend.empty([extents.c])
    let hasSums = shape.transposeA && shape.batch == 1
    let sums = hasSums ? try backend.zeros([shape.m]) : nil
    try backend.matmul(a, b, into: c, shape, columnSums: sums)
    return try [c, sums].compactMap { try $0.map(backend.read) }
  }

  /// Factors that both precisions hold, and sums that float32 does: each element must be the right one.
  @Test(arguments: precisions, shapes)
  func integersHaveTheBitsOfFloat32(_ precision: Precision, _ shape: MatmulShape) throws {
    let value = { (index: Int) in Float(index * 37 % 101 - 50) }
    let expected = try product(.reference(), shape, value)
    #expect(try product(try backend(precision), shape, value) == expected)
  }

  /// The host rounds the factors of the reference.
  @Test(arguments: precisions, shapes)
  func factorsAreRoundedAsTheUnitDoes(_ precision: Precision, _ shape: MatmulShape) throws {
    var numbers = TestNumbers(seed: 1)
    let values = numbers.floats(70_000)
    let value = { (index: Int) in values[index % values.count] }
    let rounded = { (index: Int) in Self.rounded(value(index), precision) }
    let actual = try product(try backend(precision), shape, value)
    let expected = try product(.reference(), shape, rounded)
    #expect(largestError(actual[0], expected[0]) < Tolerance.sums)
    // Sums of columns are those of the factors as they are.
    if actual.count > 1 {
      #expect(largestError(actual[1], try product(.reference(), shape, value)[1]) < Tolerance.sums)
    }
    let plain = try product(.reference(), shape, value)
    if shape.k > 16 { #expect(largestError(actual[0], plain[0]) > Tolerance.sums) }
  }

  /// To the nearest, ties away from zero (TF32) or to even (bfloat16).
  private static func rounded(_ x: Float, _ precision: Precision) -> Float {
    let bits = x.bitPattern
    return switch precision {
    case .float32: x
    case .tf32: Float(bitPattern: (bits &+ 0x1000) & ~0x1FFF)
    case .bf16: Float(bitPattern: (bits &+ 0x7FFF &+ (bits >> 16 & 1)) & ~0xFFFF)
    }
  }

  /// The loss and its gradients stay within the rounding of the factors.
  @Test(arguments: precisions)
  func lossAndGradients(_ precision: Precision) throws {
    func run(_ backend: Backend) throws -> [[Float]] {
      let (n, d, classes) = (150, 40, 200)
      var numbers = TestNumbers(seed: 4)
      let store = ParameterStore(backend)
      let table = store.declare(
        "table", [classes + 1, d],
        .values(numbers.floats((classes + 1) * d).map { Self.rounded($0, .bf16) }), isTable: true)
      try store.allocate(seed: 1)
      let tape = Tape(backend, mode: .training(RandomKey(seed: 1, epoch: 0)))
      let x = try backend.tensor(numbers.floats(n * d), [n, d])
      let targets = try backend.indices((0..<n).map { Int32(1 + $0 * 7 % classes) })
      let loss = try tape.linearCrossEntropy(
        x, table: table, targets: targets, firstClass: 1, classCount: classes, scale: 1)
      try tape.backward(from: loss)
      return try [loss, try #require(tape.gradient(of: x)), table.gradient].map(backend.read)
    }
    let expected = try run(.reference())
    let actual = try run(try backend(precision))
    // Factors are off by up to 2^-11 (TF32) or 2^-8 (bfloat16) of themselves, in two products one after the
    // other: some four times as much.
    let bound: Double = precision == .tf32 ? 2e-3 : 2e-2
    for (a, b) in zip(actual, expected) { #expect(largestError(a, b) < bound) }
    #expect(actual != expected)
    #expect(try run(try backend(precision, storage: .bf16)) == actual, "a table in bf16")
  }

  /// A device without the instruction is told so, before anything is compiled for it.
  @Test(arguments: precisions)
  func otherDevicesAreRefused(_ precision: Precision) throws {
    let device = try TestBackend.context().device
    guard device.computeCapability == nil else { return }
    let fault = MatrixUnit.fault(of: precision, on: device)
    #expect(fault == "it is no NVIDIA GPU of compute capability 8.0 or newer")
    #expect(MatrixUnit.fault(of: .float32, on: device) == nil)
  }
}
