import ClseqForecast
import ClseqNN
import ClseqOps
import Foundation

/// Possible continuations of a series of days, drawn day by day from a ``CountNetwork``.
struct CountPaths {
  private let inputs: CountInputs
  private let layers: CountLayers
  private let spread: Double
  private let key: LayerKey
  /// The roots of each path's last ``CountInputs/lead`` days.
  private var pasts: [[Double]]
  private var state: RecurrentState
  /// μ and log σ² of the next day: of each path, or of all where they have not parted yet.
  private var outputs: [Float]
  private var day: Int
  private var step: UInt32 = 0

  /// - Parameter key: Of the draws of this series.
  init(
    after series: [Double], _ inputs: CountInputs, _ layers: CountLayers, spread: Double,
    key: RandomKey
  ) throws {
    let count = CountNetwork.pathCount
    let roots = CountScale.squareRoot.transformed(series)
    var days = CountInputs.Days(series, inputs).features
    days += inputs.features(roots[...], weekday: series.count % StructuralComponents.period)
    let (output, state) = try layers.last(days)
    let backend = layers.backend
    let row = [Float](try backend.read(output))
    outputs = (0..<count).flatMap { _ in row }
    self.state = try state.rows(
      try backend.indices([Int32](repeating: 0, count: count)), on: backend)
    pasts = Array(repeating: Array(roots.suffix(CountInputs.lead)), count: count)
    (self.inputs, self.layers, self.spread) = (inputs, layers, spread)
    self.key = key.layer("paths of counts")
    day = series.count
  }

  /// The counts of the next day, one of each path.
  mutating func next() throws -> [Double] {
    if step > 0 {
      let weekday = day % StructuralComponents.period
      let features = pasts.flatMap { inputs.features($0[...], weekday: weekday) }
      let (output, state) = try layers.next(features, state)
      self.state = state
      outputs = try layers.backend.read(output)
    }
    let counts = pasts.indices.map { path in
      let (mean, logVariance) = GaussianRows.parameters(outputs, path)
      let change = mean + exp(logVariance / 2) * spread * normal(path)
      let root = max(0, CountInputs.level(pasts[path][...]) + inputs.scale * change)
      pasts[path].removeFirst()
      pasts[path].append(root)
      return CountScale.squareRoot.value(of: root)
    }
    day += 1
    step += 1
    return counts
  }

  /// A number of a standard normal distribution (Box and Muller 1958).
  private func normal(_ path: Int) -> Double {
    let words = Philox.block(SIMD4(UInt32(path), step, 0, key.epoch), key: key.key)
    let uniform = (Double(words[0]) + 0.5) / 4_294_967_296
    let angle = 2 * Double.pi * (Double(words[1]) + 0.5) / 4_294_967_296
    return (-2 * log(uniform)).squareRoot() * cos(angle)
  }
}
