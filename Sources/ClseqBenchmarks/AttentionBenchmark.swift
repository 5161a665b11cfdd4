public import ClseqOps
import ClseqRuntime

/// Causal attention alone on ragged sequences: output, and the gradients of queries, keys and values.
/// `Benchmarks/peers/torch_attention.py` does the same.
public struct AttentionBenchmark {
  /// The measurements.
  public struct Report: Encodable, Sendable {
    /// "clseq".
    public let system: String
    /// The device and the form of its kernels.
    public let version: String
    /// H.
    public let heads: Int
    /// Width K of a head.
    public let width: Int
    /// Sequences B.
    public let sequences: Int
    /// Events N, without padding.
    public let events: Int
    /// Pairs of an event and one that it sees, in one head.
    public let pairs: Int
    /// One for each dropout.
    public let passes: [Pass]
  }

  /// Attention with one dropout.
  public struct Pass: Encodable, Sendable {
    /// The probability that a softmax weight is dropped.
    public let dropout: Double
    /// The output alone.
    public let forward: Timing
    /// Output and gradients.
    public let both: Timing
    /// Time by kernel of output and gradients, from a separate profiled run; empty for the reference.
    public let kernels: [KernelTime]
  }

  /// The time of a pass until the device is idle.
  public struct Timing: Encodable, Sendable {
    /// The median.
    public let milliseconds: Double
    /// The minimum.
    public let millisecondsLow: Double
    /// The maximum.
    public let millisecondsHigh: Double
    /// Rate at the median of the products over pairs: 4 K operations per pair and head forward and
    /// 10 K backward, as counted by Dao, "FlashAttention-2" (2023), section 4.1.
    public let gflops: Double

    private enum CodingKeys: String, CodingKey {
      case milliseconds, gflops
      case millisecondsLow = "milliseconds_low"
      case millisecondsHigh = "milliseconds_high"
    }

    fileprivate init(_ times: [Double], flops: Double) {
      let spread = Spread(times)
      (milliseconds, millisecondsLow, millisecondsHigh) = (spread.median, spread.low, spread.high)
      gflops = flops / spread.median / 1e6
    }
  }

  private let heads: Int
  private let width: Int
  private let dropouts: [Double]
  private let lengths: [Int]

  /// - Parameters:
  ///   - heads: H.
  ///   - width: K, of a head.
  ///   - dropouts: each is measured; at least 0 and below 1.
  ///   - lengths: of the sequences.
  public init(heads: Int, width: Int, dropouts: [Double], lengths: [Int]) {
    self.heads = heads
    self.width = width
    self.dropouts = dropouts
    self.lengths = lengths
  }

  /// Measures passes, each until the device is idle again.
  ///
  /// - Parameters:
  ///   - backend: the backend to measure.
  ///   - profiled: a backend whose context profiles, for the tables of kernels.
  ///   - steps: measured passes; a fifth of their number, but at least one, run before as warm-up.
  /// - Throws: `OpenCLError` when memory runs out or a launch fails.
  public func report(on backend: Backend, profiled: Backend?, steps: Int) throws -> Report {
    let layer = try Layer(self, on: backend)
    let profiledLayer = try profiled.map { try Layer(self, on: $0) }
    let pairs = lengths.reduce(0) { $0 + $1 * ($1 + 1) / 2 }
    let products = 2 * Double(pairs * heads * width)
    let passes = try dropouts.map { dropout in
      Pass(
        dropout: dropout,
        forward: Timing(
          try times(steps: steps) { try layer.pass(dropout, isForwardOnly: true) },
          flops: 2 * products),
        both: Timing(
          try times(steps: steps) { try layer.pass(dropout) }, flops: 7 * products),
        kernels: try profiledLayer.map { try kernels(of: $0, dropout) } ?? [])
    }
    return Report(
      system: "clseq",
      version: "\(backend.context?.device.name ?? "reference"), \(backend.tuning)",
      heads: heads, width: width, sequences: lengths.count, events: lengths.reduce(0, +),
      pairs: pairs, passes: passes)
  }

  private func times(steps: Int, _ pass: () throws -> Void) throws -> [Double] {
    for _ in 0..<max(1, steps / 5) { try pass() }
    return try (0..<steps).map { _ in
      let start = ContinuousClock.now
      try pass()
      return (ContinuousClock.now - start) / .milliseconds(1)
    }
  }

  private func kernels(of layer: Layer, _ dropout: Double) throws -> [KernelTime] {
    guard let profile = layer.backend.context?.profile else { return [] }
    let steps = 5
    try layer.pass(dropout)
    try profile.reset()
    for _ in 0..<steps { try layer.pass(dropout) }
    return KernelTime.table(try profile.table(), steps: steps)
  }
}

extension AttentionBenchmark {
  /// Queries, keys and values on a backend, with a gradient of the output.
  private struct Layer {
    let backend: Backend
    let heads: Int
    /// `[N, 3 H K]`.
    let qkv: Tensor
    /// `[N, H K]`.
    let dy: Tensor
    let shape: RaggedShape
    let sequences: Indices

    init(_ benchmark: AttentionBenchmark, on backend: Backend) throws {
      self.backend = backend
      heads = benchmark.heads
      let lengths = benchmark.lengths
      let events = lengths.reduce(0, +)
      func tensor(_ width: Int) throws -> Tensor {
        try backend.tensor(
          (0..<events * width).map { Float($0 * 37 % 101) / 101 - 0.5 }, [events, width])
      }
      qkv = try tensor(3 * heads * benchmark.width)
      dy = try tensor(heads * benchmark.width)
      shape = RaggedShape(
        offsets: try backend.indices(
          lengths.reduce(into: [0]) { $0.append($0[$0.count - 1] + Int32($1)) }),
        lengths: lengths)
      sequences = try backend.indices(
        lengths.enumerated().flatMap { [Int32](repeating: Int32($0), count: $1) })
    }

    func pass(_ dropout: Double, isForwardOnly: Bool = false) throws {
      let key = RandomKey(seed: 1, epoch: 0)
      let tape = Tape(backend, mode: .training(key))
      let output = try tape.attention(
        qkv, shape: shape, sequences: sequences, heads: heads, mask: .causal,
        dropout: Float(dropout), key: key.layer("attention"))
      if !isForwardOnly { try tape.backward(from: output, gradient: dy) }
      try backend.context?.compute.finish()
    }
  }
}
