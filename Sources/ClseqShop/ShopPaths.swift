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
/// The first step has one path and is exact.
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
    var draws = RandomSequence(random)
    sums = (0..<2).map { _ in
      var steps = [StepSum](repeating: StepSum(of: forecast), count: stepCount - 1)
      for _ in 0..<(stepCount > 1 ? pathCount : 0) {
        var forecast = forecast
        var (path, weights) = ([Int](), forecast.weights())
        for step in steps.indices {
          let item = forecast.draw(by: weights, &draws)
          guard forecast.observe(item) else { break }
          path.append(item)
          weights = forecast.weights()
          steps[step].add(weights, of: forecast, without: path)
        }
      }
      return [first] + steps.map { $0.values(after: forecast) }
    }
  }
}

/// The sum of the probabilities of all items over paths, in parts: a path adds to all items of a category at once.
private struct StepSum {
  private var byCategory: [Double]
  /// [item] what is added beside.
  private var single: [Double]

  init(of forecast: ShopForecast) {
    byCategory = Array(repeating: 0, count: forecast.catalogue.categoryCount)
    single = Array(repeating: 0, count: forecast.catalogue.itemCount)
  }

  /// Adds the probabilities after a path; its items have none.
  mutating func add(
    _ weights: (byCategory: [Double], ofSuccessors: Double), of forecast: ShopForecast,
    without path: [Int]
  ) {
    let catalogue = forecast.catalogue
    for category in byCategory.indices { byCategory[category] += weights.byCategory[category] }
    for (item, share) in forecast.successors where !path.contains(item) {
      single[item] += weights.ofSuccessors * share
    }
    for item in path {
      single[item] -= weights.byCategory[catalogue.category(of: item)] * catalogue.popularity[item]
    }
  }

  /// [item] the sum; zero for the items of the history.
  func values(after forecast: ShopForecast) -> [Double] {
    let catalogue = forecast.catalogue
    return single.indices.map { item in
      forecast.met.contains(item)
        ? 0
        : byCategory[catalogue.category(of: item)] * catalogue.popularity[item] + single[item]
    }
  }
}
