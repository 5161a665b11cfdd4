public import ClseqData
import ClseqInference
public import ClseqOps

/// Grouping vectors around centres. `Benchmarks/peers/sklearn_clusters.py` does the same.
public struct ClusterBenchmark {
  /// The measurements.
  public struct Report: Encodable, Sendable {
    /// "clseq".
    public let system: String
    /// Version of clseq.
    public let version: String
    /// Number of vectors, N.
    public let vectors: Int
    /// Numbers of a vector, D.
    public let width: Int
    /// Number of centres, k.
    public let clusters: Int
    /// The median run, from vectors in the memory of the host to the centre of each.
    public let seconds: Double
    /// The fastest run.
    public let secondsLow: Double
    /// The slowest run.
    public let secondsHigh: Double
    /// The sum of squared distances to the centres.
    public let inertia: Double

    private enum CodingKeys: String, CodingKey {
      case system, version, vectors, width, clusters, seconds, inertia
      case secondsLow = "seconds_low"
      case secondsHigh = "seconds_high"
    }
  }

  private let vectors: NumPyFile
  private let count: Int
  private let seed: UInt64

  /// - Parameters:
  ///   - vectors: `[N, D]`, finite.
  ///   - count: k, from 1 to N.
  ///   - seed: Of the first centres.
  public init(_ vectors: NumPyFile, count: Int, seed: UInt64) {
    precondition((1...vectors.rowCount).contains(count), "ClusterBenchmark: \(count) centres")
    (self.vectors, self.count, self.seed) = (vectors, count, seed)
  }

  /// Measures, after one run on the first vectors that builds the kernels.
  ///
  /// - Parameters:
  ///   - backend: The backend to measure.
  ///   - rounds: Measured runs, at least 1; all give the same centres.
  /// - Throws: `OpenCLError` when memory runs out or a launch fails.
  public func report(on backend: Backend, rounds: Int) throws -> Report {
    let width = vectors.width
    func groups(_ values: [Float]) throws -> KMeans {
      try KMeans(values, width: width, count: count, seed: seed, on: backend)
    }
    _ = try groups(Array(vectors.values.prefix(max(1_000, count) * width)))
    var inertia = 0.0
    let seconds = Spread(
      try (0..<rounds).map { _ in
        let start = ContinuousClock.now
        inertia = try groups(vectors.values).inertia
        return (ContinuousClock.now - start) / .seconds(1)
      })
    return Report(
      system: "clseq", version: clseqVersion, vectors: vectors.rowCount, width: width,
      clusters: count, seconds: seconds.median, secondsLow: seconds.low, secondsHigh: seconds.high,
      inertia: inertia)
  }
}
