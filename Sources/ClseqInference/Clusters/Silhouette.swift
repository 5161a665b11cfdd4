import ClseqBase

/// How well clusters are apart: of each vector `(b − a) / max(a, b)`, where a is its mean distance to the others of its
/// cluster and b the least of its mean distances to those of another one; from −1 to 1.
///
/// Source: Rousseeuw, "Silhouettes: a graphical aid to the interpretation and validation of cluster analysis" (Journal of
/// Computational and Applied Mathematics 20, 1987). A vector that is alone in its cluster has 0.
public struct Silhouette: Sendable {
  /// The most vectors that are compared with each other.
  public static let mostVectors = 2_000

  /// The vectors that are compared, drawn once.
  private let rows: [Int]
  /// `[S, S]`.
  private let distances: [Float]

  /// Compares all vectors with each other, or so many drawn at random.
  ///
  /// - Parameters:
  ///   - vectors: `[N, D]` row by row.
  ///   - width: D.
  ///   - seed: Of the draws.
  public init(_ vectors: [Float], width: Int, seed: UInt64) {
    let total = vectors.count / width
    let order = CounterRandom(seed: seed, Self.purpose).permutation(count: total)
    let rows = order.prefix(Self.mostVectors).map(Int.init).sorted()
    var distances = [Float](repeating: 0, count: rows.count * rows.count)
    vectors.withUnsafeBufferPointer { vectors in
      for first in rows.indices {
        for second in rows.indices where second > first {
          var sum: Float = 0
          for column in 0..<width {
            let difference =
              vectors[rows[first] * width + column] - vectors[rows[second] * width + column]
            sum += difference * difference
          }
          distances[first * rows.count + second] = sum.squareRoot()
          distances[second * rows.count + first] = sum.squareRoot()
        }
      }
    }
    (self.rows, self.distances) = (rows, distances)
  }

  /// The mean over the vectors that are compared.
  ///
  /// - Parameters:
  ///   - clusters: Of all vectors, from 0.
  ///   - count: k.
  public func mean(_ clusters: [Int32], count: Int) -> Double {
    let own = rows.map { Int(clusters[$0]) }
    var sizes = [Int](repeating: 0, count: count)
    for cluster in own { sizes[cluster] += 1 }
    var total = 0.0
    for first in rows.indices where sizes[own[first]] > 1 {
      var sums = [Double](repeating: 0, count: count)
      for second in rows.indices {
        sums[own[second]] += Double(distances[first * rows.count + second])
      }
      let a = sums[own[first]] / Double(sizes[own[first]] - 1)
      let others = sums.indices.filter { $0 != own[first] && sizes[$0] > 0 }
      let b = others.map { sums[$0] / Double(sizes[$0]) }.min() ?? a
      if max(a, b) > 0 { total += (b - a) / max(a, b) }
    }
    return rows.isEmpty ? 0 : total / Double(rows.count)
  }

  /// Names the stream of random numbers ("silhouet" in ASCII).
  private static let purpose: UInt64 = 0x7369_6C68_6F75_6574
}
