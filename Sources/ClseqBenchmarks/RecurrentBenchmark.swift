public import ClseqOps
import ClseqRuntime

/// Training one recurrent layer, or a linear scan alone, on ragged sequences: output, and the gradients of the input and
/// of all weights. `Benchmarks/peers/torch_recurrent.py` does the same.
public struct RecurrentBenchmark {
  /// The layers that can be measured.
  public enum Layer: String, CaseIterable, Sendable {
    case lstm, gru
    /// The recurrence of complex channels between the maps of a linear recurrent unit.
    case scan
  }

  /// The measurements.
  public struct Report: Encodable, Sendable {
    /// "clseq".
    public let system: String
    /// The device and the form of its kernels.
    public let version: String
    /// The kind of layer.
    public let cell: String
    /// Width of the input.
    public let inputs: Int
    /// Width H of the state.
    public let hidden: Int
    /// Sequences B.
    public let sequences: Int
    /// Events N, without padding.
    public let events: Int
    /// Median time of a pass forward and backward.
    public let milliseconds: Double
    /// Time of the fastest pass.
    public let millisecondsLow: Double
    /// Time of the slowest pass.
    public let millisecondsHigh: Double
    /// Rate of the products alone at the median; 0 of a scan, which has none.
    public let gflops: Double
    /// Time by kernel, from a separate profiled run; empty for the reference.
    public let kernels: [KernelTime]

    private enum CodingKeys: String, CodingKey {
      case system, version, cell, inputs, hidden, sequences, events, milliseconds, gflops, kernels
      case millisecondsLow = "milliseconds_low"
      case millisecondsHigh = "milliseconds_high"
    }
  }

  private let layer: Layer
  private let inputs: Int
  private let hidden: Int
  private let lengths: [Int]

  /// - Parameters:
  ///   - layer: the kind of layer.
  ///   - inputs: width of the input; a scan's is that of the state.
  ///   - hidden: width of the state, of a scan its complex channels.
  ///   - lengths: of the sequences.
  public init(_ layer: Layer, inputs: Int, hidden: Int, lengths: [Int]) {
    self.layer = layer
    self.inputs = layer == .scan ? hidden : inputs
    self.hidden = hidden
    self.lengths = lengths
  }

  /// Measures passes, each until the device is idle again.
  ///
  /// - Parameters:
  ///   - backend: the backend to measure.
  ///   - profiled: a backend whose context profiles, for the table of kernels.
  ///   - steps: measured passes; a fifth of their number, but at least one, run before as warm-up.
  /// - Throws: `OpenCLError` when memory runs out or a launch fails.
  public func report(
    on backend: Backend, profiled: Backend?, steps: Int
  ) throws -> Report {
    let milliseconds = Spread(try passes(on: backend, steps: steps))
    let events = lengths.reduce(0, +)
    let rows = Double(events * (layer.cell?.gateCount ?? 0) * hidden)
    return Report(
      system: "clseq",
      version: "\(backend.context?.device.name ?? "reference"), \(backend.tuning)",
      cell: layer.rawValue, inputs: inputs, hidden: hidden, sequences: lengths.count,
      events: events,
      milliseconds: milliseconds.median, millisecondsLow: milliseconds.low,
      millisecondsHigh: milliseconds.high,
      gflops: 6 * rows * Double(inputs + hidden) / milliseconds.median / 1e6,
      kernels: try profiled.map { try kernels(on: $0, steps: 5) } ?? [])
  }

  private func passes(on backend: Backend, steps: Int) throws -> [Double] {
    let run = try Run(self, on: backend)
    for _ in 0..<max(1, steps / 5) { try run.pass() }
    return try (0..<steps).map { _ in
      let start = ContinuousClock.now
      try run.pass()
      return (ContinuousClock.now - start) / .milliseconds(1)
    }
  }

  private func kernels(on backend: Backend, steps: Int) throws -> [KernelTime] {
    guard let profile = backend.context?.profile else { return [] }
    let run = try Run(self, on: backend)
    try run.pass()
    try profile.reset()
    for _ in 0..<steps { try run.pass() }
    return KernelTime.table(try profile.table(), steps: steps)
  }
}

extension RecurrentBenchmark.Layer {
  fileprivate var cell: RecurrentCell? {
    switch self {
    case .lstm: .lstm
    case .gru: .gru
    case .scan: nil
    }
  }
}

extension RecurrentBenchmark {
  /// The layer with its input on a backend.
  private struct Run {
    let backend: Backend
    let store: ParameterStore
    let layer: (Tape, Tensor, RaggedShape) throws -> Tensor
    let x: Tensor
    let dy: Tensor
    let shape: RaggedShape

    init(_ benchmark: RecurrentBenchmark, on backend: Backend) throws {
      self.backend = backend
      store = ParameterStore(backend)
      let (inputs, hidden) = (benchmark.inputs, benchmark.hidden)
      let planes: Int
      if let cell = benchmark.layer.cell {
        let weights = Self.weights(cell, inputs: inputs, hidden: hidden, in: store)
        layer = { try $0.recurrence($1, weights: weights, shape: $2) }
        planes = 1
      } else {
        let spread = (0..<hidden).map { Float($0) / Float(hidden) }
        let poles = ScanPoles(
          decay: store.declare("decay", [hidden], .values(spread.map { $0 - 4 })),
          frequency: store.declare("frequency", [hidden], .values(spread)))
        layer = { try $0.linearScan($1, poles: poles, shape: $2) }
        planes = 2
      }
      try store.allocate(seed: 1)
      let events = benchmark.lengths.reduce(0, +)
      func tensor(_ width: Int) throws -> Tensor {
        try backend.tensor(
          (0..<events * width).map { Float($0 * 37 % 101) / 101 - 0.5 }, [events, width])
      }
      x = try tensor(planes * inputs)
      dy = try tensor(planes * hidden)
      shape = RaggedShape(
        offsets: try backend.indices(
          benchmark.lengths.reduce(into: [0]) { $0.append($0[$0.count - 1] + Int32($1)) }),
        lengths: benchmark.lengths)
    }

    private static func weights(
      _ cell: RecurrentCell, inputs: Int, hidden: Int, in store: ParameterStore
    ) -> RecurrentWeights {
      let (rows, bound) = (cell.gateCount * hidden, 1 / Float(hidden).squareRoot())
      func declare(_ name: String, _ shape: [Int]) -> Parameter {
        store.declare(name, shape, .uniform(bound: bound))
      }
      return RecurrentWeights(
        cell, input: declare("weight_ih", [rows, inputs]),
        recurrent: declare("weight_hh", [rows, hidden]), inputBias: declare("bias_ih", [rows]),
        recurrentBias: declare("bias_hh", [rows]))
    }

    func pass() throws {
      try backend.fillZero(store.gradients)
      let tape = Tape(backend, mode: .training(RandomKey(seed: 1, epoch: 0)))
      let output = try layer(tape, x, shape)
      try tape.backward(from: output, gradient: dy)
      try backend.context?.compute.finish()
    }
  }
}
