public import ClseqOps
import ClseqRuntime

/// Products of single shapes, timed by the rules of `Benchmarks/peers/matmul_peer.h`.
public struct MatmulBenchmark {
  /// The measurements.
  public struct Report: Encodable, Sendable {
    /// "clseq".
    public let system: String
    /// The device.
    public let version: String
    /// In the order of the given shapes.
    public let shapes: [Row]
  }

  /// One shape.
  public struct Row: Encodable, Sendable {
    /// The shape as given.
    public let shape: String
    /// Median time of a product.
    public let milliseconds: Double
    /// Rate at the median.
    public let gflops: Double
    /// Rate of the fastest round.
    public let bestGflops: Double

    private enum CodingKeys: String, CodingKey {
      case shape, milliseconds, gflops
      case bestGflops = "best_gflops"
    }
  }

  private let backend: Backend

  /// A benchmark on one backend.
  public init(on backend: Backend) {
    self.backend = backend
  }

  /// Measures shapes one after another.
  ///
  /// - Throws: `OpenCLError`; ``WrongProduct`` if a result is not the product.
  public func report(_ shapes: [NamedShape]) throws -> Report {
    Report(
      system: "clseq", version: backend.context?.device.name ?? "reference",
      shapes: try shapes.map(row))
  }

  private func row(_ named: NamedShape) throws -> Row {
    let shape = named.shape
    let a = Self.values(shape.extents.a, seed: 1)
    let b = Self.values(shape.extents.b, seed: 2)
    let deviceA = try backend.tensor(a, [a.count])
    let deviceB = try backend.tensor(b, [b.count])
    let c = try backend.empty([shape.extents.c])
    let seconds = try roundSeconds {
      try backend.matmul(deviceA, deviceB, into: c, shape)
    }
    try check(try backend.read(c), a, b, named)
    return Row(
      shape: named.text, milliseconds: 1_000 * seconds.median,
      gflops: shape.flops / seconds.median / 1e9, bestGflops: shape.flops / seconds.low / 1e9)
  }

  /// Seconds of one call, over rounds of at least 30 ms that each end with the device idle.
  private func roundSeconds(_ call: () throws -> Void) throws -> Spread {
    func seconds(calls: Int) throws -> Double {
      let start = ContinuousClock.now
      for _ in 0..<calls { try call() }
      try backend.context?.compute.finish()
      return (ContinuousClock.now - start) / .seconds(1) / Double(calls)
    }
    _ = try seconds(calls: 1)
    let once = try seconds(calls: 1)
    let calls = once > 0.03 ? 1 : Int(0.03 / once) + 1
    return Spread(try (0..<15).map { _ in try seconds(calls: calls) })
  }

  /// Compares a sample of elements with sums in Double.
  private func check(_ c: [Float], _ a: [Float], _ b: [Float], _ named: NamedShape) throws {
    let s = named.shape
    for sample in 0..<64 {
      let (i, j) = (sample * 7_919 % s.m, sample * 104_729 % s.n)
      let batch = sample * 31 % s.batch
      let (startA, startB) = (batch * s.batchStrides.a, batch * s.batchStrides.b)
      let sum = (0..<s.k).reduce(0.0) { sum, p in
        sum + Double(a[startA + (s.transposeA ? p * s.m + i : i * s.k + p)])
          * Double(b[startB + (s.transposeB ? j * s.k + p : p * s.n + j)])
      }
      let found = c[batch * s.batchStrides.c + i * s.n + j]
      guard abs(sum - Double(found)) <= 1e-5 * Double(s.k) else {
        throw WrongProduct(shape: named.text, row: i, column: j, expected: sum, found: found)
      }
    }
  }

  /// Values in [-0.5, 0.5) from the peers' linear congruential generator.
  private static func values(_ count: Int, seed: UInt32) -> [Float] {
    var state = seed
    return (0..<count).map { _ in
      state = state &* 1_664_525 &+ 1_013_904_223
      return Float(state >> 8) / 16_777_216 - 0.5
    }
  }
}

/// A benchmark's product differs from the sum in Double.
public struct WrongProduct: Error, CustomStringConvertible {
  let shape: String
  let row: Int
  let column: Int
  let expected: Double
  let found: Float

  /// The element and both values.
  public var description: String {
    "\(shape): C[\(row)][\(column)] is \(found), not \(expected)"
  }
}
