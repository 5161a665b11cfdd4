import ClseqBase
public import ClseqOps
import Foundation

/// Groups of vectors around k centres, so that the sum of squared distances to the centres is small.
///
/// Centres begin by greedy k-means++ on a sample (Arthur and Vassilvitskii, "k-means++: the advantages of careful
/// seeding", SODA 2007), from several draws of which the best is kept; Lloyd's iterations ("Least squares quantization in
/// PCM", 1982) follow, first on the sample, then on all vectors. The nearest centre of a vector x is the one of the
/// largest `x · c − ‖c‖² / 2`, for which the backend ranks centres as it ranks items; sums are taken in Double in the order
/// of the vectors, so that two runs give the same bytes.
public struct KMeans: Sendable {
  /// Draws of first centres.
  static let starts = 5
  /// The most passes of Lloyd's iterations.
  static let mostPasses = 200
  /// A pass that lowers the sum by a smaller share is the last.
  static let tolerance = 1e-5

  /// D.
  public let width: Int
  /// `[k, D]`.
  public let centres: [Float]
  /// The centre of each vector, from 0.
  public let clusters: [Int32]
  /// The sum of squared distances to the centres.
  public let inertia: Double

  /// - Parameters:
  ///   - vectors: `[N, D]` row by row, finite.
  ///   - width: D.
  ///   - count: k, at least 1 and at most N.
  ///   - seed: Of the sample and the first centres.
  ///   - backend: Where vectors are compared with centres.
  /// - Throws: `OpenCLError` when memory runs out or a launch fails.
  public init(
    _ vectors: [Float], width: Int, count: Int, seed: UInt64, on backend: Backend
  ) throws {
    let total = vectors.count / width
    precondition(count >= 1 && count <= total, "KMeans: \(count) of \(total) vectors")
    // Around the mean, differences of squares lose no digits.
    let all = VectorSet(vectors, width: width)
    let draws = CounterRandom(seed: seed, Self.purpose)
    let sampleCount = max(20_000, 250 * count)
    let sample = total > sampleCount ? all.picking(sampleCount, draws) : all
    let seeds =
      sample.count > max(2_000, 20 * count) ? sample.picking(max(2_000, 20 * count), draws) : sample
    var best: Pass?
    let ranks = try CentreRanks(sample, on: backend)
    for start in 0..<Self.starts {
      let first = seeds.firstCentres(
        count, CounterRandom(seed: seed, Self.purpose, UInt64(start)))
      let pass = try Self.settled(sample, ranks, first, count)
      if pass.inertia < best?.inertia ?? .infinity { best = pass }
    }
    guard var pass = best else { preconditionFailure("KMeans: no start") }
    if sample.count < total {
      pass = try Self.settled(all, try CentreRanks(all, on: backend), pass.centres, count)
    }
    self.width = width
    centres = pass.centres.enumerated().map { Float($1 + all.mean[$0 % width]) }
    clusters = pass.clusters
    inertia = all.inertia(pass.clusters, pass.centres)
  }

  /// Centres and what is nearest to them.
  private struct Pass {
    var centres: [Double]
    var clusters: [Int32]
    var inertia: Double
  }

  /// Lloyd's iterations to their end.
  private static func settled(
    _ set: VectorSet, _ ranks: CentreRanks, _ centres: [Double], _ count: Int
  ) throws -> Pass {
    var pass = Pass(centres: centres, clusters: [], inertia: .infinity)
    for _ in 0..<mostPasses {
      let (clusters, scores) = try ranks.nearest(pass.centres, count)
      let inertia = scores.reduce(set.squareSum) { $0 - 2 * Double($1) }
      let isLast = !(inertia < pass.inertia * (1 - tolerance))
      (pass.clusters, pass.inertia) = (clusters, inertia)
      if isLast { break }
      pass.centres = set.means(clusters, count, before: pass.centres)
    }
    return pass
  }

  /// Names the stream of random numbers ("centres" in ASCII).
  private static let purpose: UInt64 = 0x63_656E_7472_6573
}

/// Vectors around their mean.
private struct VectorSet {
  let width: Int
  /// `[N, D]`, minus the mean.
  let values: [Float]
  let mean: [Double]
  /// The sum of the squares of all values.
  let squareSum: Double

  var count: Int { values.count / width }

  init(_ vectors: [Float], width: Int) {
    self.width = width
    var sums = [Double](repeating: 0, count: width)
    let count = vectors.count / width
    values = vectors.withUnsafeBufferPointer { vectors in
      for row in 0..<count {
        for column in 0..<width { sums[column] += Double(vectors[row * width + column]) }
      }
      for column in 0..<width { sums[column] /= Double(max(1, count)) }
      return Array(unsafeUninitializedCapacity: count * width) { values, initialized in
        for row in 0..<count {
          for column in 0..<width {
            let place = row * width + column
            values.initializeElement(at: place, to: Float(Double(vectors[place]) - sums[column]))
          }
        }
        initialized = count * width
      }
    }
    mean = sums
    squareSum = Self.squareSum(of: values)
  }

  private init(values: [Float], of set: VectorSet) {
    (self.values, width, mean) = (values, set.width, set.mean)
    squareSum = Self.squareSum(of: values)
  }

  private static func squareSum(of values: [Float]) -> Double {
    values.reduce(0) { $0 + Double($1) * Double($1) }
  }

  /// Some of the vectors at random, perhaps one of them more than once.
  func picking(_ sampleCount: Int, _ draws: CounterRandom) -> VectorSet {
    VectorSet(
      values: (0..<UInt64(sampleCount)).flatMap { number in
        let row = draws.integer(below: count, number)
        return values[row * width..<(row + 1) * width]
      }, of: self)
  }

  /// Squared distance of a row and a centre.
  private func square(_ row: Int, _ centre: UnsafePointer<Double>) -> Double {
    values.withUnsafeBufferPointer { values in
      var sum = 0.0
      for column in 0..<width {
        let difference = Double(values[row * width + column]) - centre[column]
        sum += difference * difference
      }
      return sum
    }
  }

  private func vector(_ row: Int) -> [Double] {
    values[row * width..<(row + 1) * width].map(Double.init)
  }

  /// The sum of squared distances to the centres.
  func inertia(_ clusters: [Int32], _ centres: [Double]) -> Double {
    centres.withUnsafeBufferPointer { centres in
      (0..<count).reduce(0) {
        $0 + square($1, centres.baseAddress! + Int(clusters[$1]) * width)
      }
    }
  }

  /// The mean of each cluster; one without a vector takes the vector that is farthest from its centre.
  func means(_ clusters: [Int32], _ count: Int, before centres: [Double]) -> [Double] {
    var sums = [Double](repeating: 0, count: count * width)
    var sizes = [Int](repeating: 0, count: count)
    sums.withUnsafeMutableBufferPointer { sums in
      values.withUnsafeBufferPointer { values in
        for (row, cluster) in clusters.enumerated() {
          let start = Int(cluster) * width
          sizes[Int(cluster)] += 1
          for column in 0..<width { sums[start + column] += Double(values[row * width + column]) }
        }
      }
    }
    for (cluster, size) in sizes.enumerated() where size > 0 {
      for column in 0..<width { sums[cluster * width + column] /= Double(size) }
    }
    let empty = sizes.indices.filter { sizes[$0] == 0 }
    guard !empty.isEmpty else { return sums }
    let far = centres.withUnsafeBufferPointer { centres in
      clusters.indices.map { square($0, centres.baseAddress! + Int(clusters[$0]) * width) }
    }
    let order = far.indices.sorted { far[$0] == far[$1] ? $0 < $1 : far[$0] > far[$1] }
    for (cluster, row) in zip(empty, order) {
      sums.replaceSubrange(cluster * width..<(cluster + 1) * width, with: vector(row))
    }
    return sums
  }

  /// Greedy k-means++: each next centre is the best of a few vectors that are drawn by their squared distance to the
  /// nearest centre so far.
  func firstCentres(_ count: Int, _ draws: CounterRandom) -> [Double] {
    let trials = 2 + Int(log2(Double(count)))
    var centres = vector(draws.integer(below: self.count, 0))
    var nearest = (0..<self.count).map { square($0, centres) }
    for number in 1..<max(1, count) {
      var sums = nearest
      for row in 1..<max(1, sums.count) { sums[row] += sums[row - 1] }
      let total = sums.last ?? 0
      var best: (row: Int, nearest: [Double], sum: Double)?
      for trial in 0..<trials {
        let point = draws.uniform(UInt64(number * trials + trial)) * total
        let row = min(sums.count - 1, sums.partitioningIndex { $0 > point })
        let candidate = vector(row)
        let distances = nearest.indices.map { min(nearest[$0], square($0, candidate)) }
        let sum = distances.reduce(0, +)
        if sum < best?.sum ?? .infinity { best = (row, distances, sum) }
      }
      guard let best else { break }
      centres += vector(best.row)
      nearest = best.nearest
    }
    return centres
  }
}

/// Vectors on a backend, which ranks centres for each.
private struct CentreRanks {
  /// Vectors of one launch.
  private static let chunk = 1 << 16
  private let backend: Backend
  private let width: Int
  /// Vectors `[n, D + 1]`, the last column 1, with n + 1 zeros and nothing that is excluded.
  private let parts: [(vectors: Tensor, exclusions: UserRows)]

  init(_ set: VectorSet, on backend: Backend) throws {
    self.backend = backend
    let width = set.width
    self.width = width
    parts = try stride(from: 0, to: set.count, by: Self.chunk).map { start in
      let count = min(set.count - start, Self.chunk)
      let values = [Float](unsafeUninitializedCapacity: count * (width + 1)) {
        values, initialized in
        set.values.withUnsafeBufferPointer { source in
          for row in 0..<count {
            let from = (start + row) * width
            for column in 0..<width {
              values.initializeElement(at: row * (width + 1) + column, to: source[from + column])
            }
            values.initializeElement(at: row * (width + 1) + width, to: 1)
          }
        }
        initialized = count * (width + 1)
      }
      let offsets = try backend.indices([Int32](repeating: 0, count: count + 1))
      return (
        try backend.tensor(values, [count, width + 1]), UserRows(offsets: offsets, rows: offsets)
      )
    }
  }

  /// The nearest centre of each vector, the first of equally near ones, and `x · c − ‖c‖² / 2` of it.
  func nearest(
    _ centres: [Double], _ count: Int
  ) throws -> (clusters: [Int32], scores: [Float]) {
    var table: [Float] = []
    for start in stride(from: 0, to: count * width, by: width) {
      let centre = centres[start..<start + width]
      table += centre.map { Float($0) }
      table.append(Float(-centre.reduce(0) { $0 + $1 * $1 } / 2))
    }
    let rows = try backend.tensor(table, [count, width + 1])
    // All parts are launched before the first is read.
    let best = try parts.map { part in
      try backend.topItems(
        1, part.vectors, table: rows, excluding: part.exclusions, firstItem: 0, itemCount: count)
    }
    return (
      try best.flatMap { try backend.read($0.rows) },
      try best.flatMap { try backend.read($0.scores) }
    )
  }
}
