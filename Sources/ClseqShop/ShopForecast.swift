/// The exact distribution of a user's next item: the posterior of the hidden taste given the items met
/// so far, updated by Bayes' rule with each item.
///
/// With M the items met and i the last of them, the next item j ∉ M has the probability
///
///     p(j) = Σ_k p(k | history) w_k(i, j) / Z_k,   Z_k = 1 − Σ_{m ∈ M} w_k(i, m)
///
/// and p(k | history) takes a factor w_k(i, j) / Z_k with each item. Z_k needs only the sum of
/// the popularity met in each category, so a step costs tastes × categories.
package struct ShopForecast {
  private let catalogue: ShopCatalogue
  private var posterior: [Double]
  private(set) var met: Set<Int> = []
  /// [category] the popularity of its items met.
  private var metPopularity: [Double]
  private var last: Int?

  package init(_ catalogue: ShopCatalogue) {
    self.catalogue = catalogue
    posterior = Array(
      repeating: 1 / Double(ShopCatalogue.tasteCount), count: ShopCatalogue.tasteCount)
    metPopularity = Array(repeating: 0, count: catalogue.categoryCount)
  }

  /// Takes in the next item; false if the shop could not have made this history.
  package mutating func observe(_ item: Int) -> Bool {
    guard !met.contains(item) else { return false }
    for (taste, scale) in scales().enumerated() {
      posterior[taste] *= scale * weight(of: item, taste: taste)
    }
    let total = posterior.reduce(0, +)
    guard total > 0 else { return false }
    for taste in posterior.indices { posterior[taste] /= total }
    met.insert(item)
    metPopularity[catalogue.category(of: item)] += catalogue.popularity[item]
    last = item
    return true
  }

  /// [item] the probability that it comes next; zero for those met.
  package func probabilities() -> [Double] {
    let mixture = zip(posterior, scales()).map { $0 * $1 }
    let rate = ShopCatalogue.successorRate(after: last)
    var byCategory = [Double](repeating: 0, count: catalogue.categoryCount)
    for (taste, share) in mixture.enumerated() {
      let row = catalogue.row(taste: taste, after: last)
      for (category, weight) in catalogue.categoryWeights[row].enumerated() {
        byCategory[category] += (1 - rate) * share * weight
      }
    }
    var result = (0..<catalogue.itemCount).map {
      byCategory[catalogue.category(of: $0)] * catalogue.popularity[$0]
    }
    if let last {
      let total = mixture.reduce(0, +)
      for (item, share) in zip(catalogue.successors(of: last), ShopCatalogue.successorShares) {
        result[item] += rate * share * total
      }
    }
    for item in met { result[item] = 0 }
    return result
  }

  /// [taste] 1 / Z_k.
  private func scales() -> [Double] {
    let rate = ShopCatalogue.successorRate(after: last)
    var metSuccessors = 0.0
    if let last {
      for (item, share) in zip(catalogue.successors(of: last), ShopCatalogue.successorShares)
      where met.contains(item) { metSuccessors += share }
    }
    return (0..<ShopCatalogue.tasteCount).map { taste in
      let weights = catalogue.categoryWeights[catalogue.row(taste: taste, after: last)]
      let metShelves = zip(weights, metPopularity).reduce(0) { $0 + $1.0 * $1.1 }
      return 1 / (1 - rate * metSuccessors - (1 - rate) * metShelves)
    }
  }

  /// w_k(last, item), or the weight of a first item.
  private func weight(of item: Int, taste: Int) -> Double {
    let rate = ShopCatalogue.successorRate(after: last)
    let row = catalogue.row(taste: taste, after: last)
    let category = catalogue.categoryWeights[row.lowerBound + catalogue.category(of: item)]
    var weight = (1 - rate) * category * catalogue.popularity[item]
    if let last {
      for (next, share) in zip(catalogue.successors(of: last), ShopCatalogue.successorShares)
      where next == item { weight += rate * share }
    }
    return weight
  }
}
