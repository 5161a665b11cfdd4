package import ClseqBase

/// The distribution of each of a user's next items given the history alone, by drawn paths.
///
/// The item at step s follows from the items before it, which the history does not tell: with x₁ … x_s₋₁ drawn by
/// the shop,
///
///     p_s(j) = E[ p(j | history, x₁ … x_s₋₁) ]
///
/// Items are not repeated, so that p(j | …) depends on all of the path and the sum over paths has no recursion of
/// a few states. It is the mean over paths, half of them in each of two means, whose difference tells the error.
/// The first step has one path and is exact. First items are drawn by strata: number r of R by (r + u) / R.
package struct ShopPaths {
  /// [half][step][item] the sum of p(j | …) over paths.
  package private(set) var sums: [[[Double]]]

  /// - Parameters:
  ///   - forecast: Has taken in the history.
  ///   - stepCount: Steps, at least 1.
  ///   - pathCount: Paths of each half, at least 1.
  ///   - random: The stream of the draws.
  package init(
    after forecast: ShopForecast, stepCount: Int, pathCount: Int, _ random: CounterRandom
  ) {
    let first = forecast.probabilities()
    let empty = [[Double]](
      repeating: [Double](repeating: 0, count: first.count), count: stepCount)
    sums = [empty, empty]
    var draw: UInt64 = 0
    for half in sums.indices {
      sums[half][0] = first
      if stepCount == 1 { continue }
      for path in 0..<pathCount {
        var forecast = forecast
        var u = (Double(path) + random.uniform(draw)) / Double(pathCount)
        draw += 1
        var probabilities = first
        for step in 1..<stepCount {
          guard forecast.observe(Self.item(at: u, of: probabilities)) else { break }
          probabilities = forecast.probabilities()
          for item in probabilities.indices { sums[half][step][item] += probabilities[item] }
          u = random.uniform(draw)
          draw += 1
        }
      }
    }
  }

  /// The item in whose part of the sum of probabilities a number of [0, 1) falls.
  private static func item(at u: Double, of probabilities: [Double]) -> Int {
    let level = u * probabilities.reduce(0, +)
    var (reached, last) = (0.0, 0)
    for (item, probability) in probabilities.enumerated() where probability > 0 {
      reached += probability
      last = item
      if reached > level { break }
    }
    return last
  }
}
