import ClseqRandom

/// The parameters of a shop, all drawn from its seed by arithmetic that is exact on every
/// platform (no transcendental functions).
///
/// - An item has one category, and in it a popularity pop(j) ∝ 1 / (place + 2).
/// - An item has three successors, met next with .5, .3 and .2 of the successor share.
/// - A category leads to itself with .4 and to three others with .2 each: chain(c, c′).
/// - A taste k prefers few categories: taste(k, c) ∝ u³² + .01 with u uniform.
///
/// Before items already met are ruled out, the weight of item j after item i is
///
///     w_k(i, j) = ε successor(i, j) + (1 − ε) A_k(c(i), c(j)) pop(j)
///     A_k(c, c′) = ρ chain(c, c′) + (1 − ρ) taste(k, c′)
///
/// and that of a first item taste(k, c(j)) pop(j). Either sums to one over j.
package struct ShopCatalogue: Sendable {
  package static let tasteCount = 6
  package static let successorShares = [0.5, 0.3, 0.2]
  /// ε: how often the next item is a successor of the last.
  package static let successorRate = 0.4
  /// ρ: how often a category follows from the last one rather than from taste.
  package static let chainRate = 0.2
  static let relatedCategoryCount = 3
  static let itemsPerCategory = 25
  static let maximumCategoryCount = 50

  package let itemCount: Int
  package let categoryCount: Int
  /// [item] its category.
  package let category: [Int]
  /// [item] its popularity within the category; sums to one over a category.
  package let popularity: [Double]
  /// [category] its items, the most popular first.
  let shelves: [[Int]]
  /// [category] running sums of `popularity` along the shelf.
  let shelfSums: [[Double]]
  /// [item * 3 + place] its successors, distinct and never itself.
  let successors: [Int]
  /// [(taste * C + category) * C + next] A_k; one more row a taste, at category C, is taste itself.
  package let categoryWeights: [Double]
  /// Running sums of `categoryWeights` along each row.
  let categorySums: [Double]
  /// [item] probabilities of a purchase, and of a cart or purchase.
  let conversion: [(purchase: Double, cart: Double)]

  init(itemCount: Int, seed: UInt64) {
    self.itemCount = itemCount
    let categoryCount = max(
      2, min(Self.maximumCategoryCount, itemCount / Self.itemsPerCategory))
    self.categoryCount = categoryCount
    (shelves, category) = Self.fillShelves(itemCount, categoryCount, seed)
    (popularity, shelfSums) = Self.popularities(of: shelves, itemCount)
    successors = Self.drawSuccessors(itemCount, seed)
    categoryWeights = Self.drawCategoryWeights(categoryCount, seed)
    categorySums = Self.runningSums(categoryWeights, rowLength: categoryCount)
    let random = CounterRandom(seed: seed, Purpose.conversion)
    conversion = (0..<UInt64(itemCount)).map { item in
      let purchase = 0.02 + 0.08 * random.uniform(2 * item)
      return (purchase, purchase + 0.05 + 0.15 * random.uniform(2 * item + 1))
    }
  }

  /// The row of `categoryWeights` for a taste after an item, or at the start.
  package func row(taste: Int, after last: Int?) -> Range<Int> {
    let row = taste * (categoryCount + 1) + (last.map { category[$0] } ?? categoryCount)
    return row * categoryCount..<(row + 1) * categoryCount
  }

  /// The three successors of an item.
  package func successors(of item: Int) -> ArraySlice<Int> {
    let count = Self.successorShares.count
    return successors[item * count..<(item + 1) * count]
  }

  /// How much of the weight goes to successors: none at the start.
  static func successorRate(after last: Int?) -> Double {
    last == nil ? 0 : successorRate
  }

  /// Names of the streams of random numbers.
  enum Purpose {
    static let shelves: UInt64 = 1
    static let successors: UInt64 = 2
    static let chain: UInt64 = 3
    static let tastes: UInt64 = 4
    static let conversion: UInt64 = 5
    static let users: UInt64 = 6
  }
}

extension ShopCatalogue {
  private static func fillShelves(
    _ itemCount: Int, _ categoryCount: Int, _ seed: UInt64
  ) -> (shelves: [[Int]], category: [Int]) {
    var shelves = [[Int]](repeating: [], count: categoryCount)
    var category = [Int](repeating: 0, count: itemCount)
    let order = CounterRandom(seed: seed, Purpose.shelves).permutation(count: itemCount)
    for (position, item) in order.enumerated() {
      shelves[position % categoryCount].append(Int(item))
      category[Int(item)] = position % categoryCount
    }
    return (shelves, category)
  }

  private static func popularities(
    of shelves: [[Int]], _ itemCount: Int
  ) -> (popularity: [Double], sums: [[Double]]) {
    var popularity = [Double](repeating: 0, count: itemCount)
    for shelf in shelves {
      let total = shelf.indices.reduce(0) { $0 + 1 / Double($1 + 2) }
      for (place, item) in shelf.enumerated() {
        popularity[item] = 1 / Double(place + 2) / total
      }
    }
    let sums = shelves.map { shelf in
      runningSums(shelf.map { popularity[$0] }, rowLength: shelf.count)
    }
    return (popularity, sums)
  }

  private static func drawSuccessors(_ itemCount: Int, _ seed: UInt64) -> [Int] {
    (0..<itemCount).flatMap { item in
      distinct(
        successorShares.count, below: itemCount, except: item,
        CounterRandom(seed: seed, Purpose.successors, UInt64(item)))
    }
  }

  private static func drawCategoryWeights(_ count: Int, _ seed: UInt64) -> [Double] {
    let related = (0..<count).map { category in
      distinct(
        min(relatedCategoryCount, count - 1), below: count, except: category,
        CounterRandom(seed: seed, Purpose.chain, UInt64(category)))
    }
    var weights: [Double] = []
    for taste in 0..<tasteCount {
      let random = CounterRandom(seed: seed, Purpose.tastes, UInt64(taste))
      let raw = (0..<UInt64(count)).map { category in
        var power = random.uniform(category)
        for _ in 0..<5 { power *= power }
        return power + 0.01
      }
      let total = raw.reduce(0, +)
      let preference = raw.map { $0 / total }
      for category in 0..<count {
        var row = preference.map { (1 - chainRate) * $0 }
        let others = related[category]
        row[category] += chainRate * (1 - 0.2 * Double(others.count))
        for other in others { row[other] += chainRate * 0.2 }
        weights += row
      }
      weights += preference
    }
    return weights
  }

  private static func distinct(
    _ count: Int, below bound: Int, except excluded: Int, _ random: CounterRandom
  ) -> [Int] {
    var drawn: [Int] = []
    var counter: UInt64 = 0
    while drawn.count < count {
      let candidate = random.integer(below: bound, counter)
      counter += 1
      if candidate != excluded && !drawn.contains(candidate) { drawn.append(candidate) }
    }
    return drawn
  }

  private static func runningSums(_ values: [Double], rowLength: Int) -> [Double] {
    var sums = values
    for index in sums.indices where index % rowLength != 0 { sums[index] += sums[index - 1] }
    return sums
  }
}
