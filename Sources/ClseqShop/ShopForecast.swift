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
  let catalogue: ShopCatalogue
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
    let weights = weights()
    var result = (0..<catalogue.itemCount).map {
      weights.byCategory[catalogue.category(of: $0)] * catalogue.popularity[$0]
    }
    for (item, share) in successors { result[item] += weights.ofSuccessors * share }
    for item in met { result[item] = 0 }
    return result
  }

  /// The probabilities of items that are not met: of j that of its category times pop(j), and of a successor its share
  /// of that of successors more.
  func weights() -> (byCategory: [Double], ofSuccessors: Double) {
    let mixture = zip(posterior, scales()).map { $0 * $1 }
    let rate = ShopCatalogue.successorRate(after: last)
    var byCategory = [Double](repeating: 0, count: catalogue.categoryCount)
    for (taste, share) in mixture.enumerated() {
      let row = catalogue.row(taste: taste, after: last)
      for (category, weight) in catalogue.categoryWeights[row].enumerated() {
        byCategory[category] += (1 - rate) * share * weight
      }
    }
    return (byCategory, rate * mixture.reduce(0, +))
  }

  /// The successors of the last item with their shares; none at the start.
  var successors: Zip2Sequence<[Int], [Double]> {
    zip(last.map(catalogue.successors) ?? [], ShopCatalogue.successorShares)
  }

  /// An item by these probabilities: drawn among all until it is not met.
  func draw(
    by weights: (byCategory: [Double], ofSuccessors: Double), _ draws: inout RandomSequence
  ) -> Int {
    let whole = weights.byCategory.reduce(weights.ofSuccessors, +)
    while true {
      var level = draws.uniform() * whole
      var item: Int?
      for (successor, share) in successors {
        level -= weights.ofSuccessors * share
        if level < 0 {
          item = successor
          break
        }
      }
      if item == nil {
        var category = 0
        for (next, weight) in weights.byCategory.enumerated() where weight > 0 {
          category = next
          level -= weight
          if level < 0 { break }
        }
        item = catalogue.drawItem(draws.uniform(), category: category)
      }
      if let item, !met.contains(item) { return item }
    }
  }

  /// [taste] 1 / Z_k.
  private func scales() -> [Double] {
    let rate = ShopCatalogue.successorRate(after: last)
    var metSuccessors = 0.0
    for (item, share) in successors where met.contains(item) { metSuccessors += share }
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
    for (next, share) in successors where next == item { weight += rate * share }
    return weight
  }
}
