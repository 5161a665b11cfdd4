import ClseqBase

extension ShopCatalogue {
  /// [place] the popularity of an item on a shelf of this size.
  static func popularities(onShelfOf count: Int) -> [Double] {
    let total = (0..<count).reduce(0) { $0 + 1 / Double($1 + 2) }
    return (0..<count).map { 1 / Double($0 + 2) / total }
  }

  static func drawSuccessors(_ itemCount: Int, _ seed: UInt64) -> [Int32] {
    (0..<itemCount).flatMap { item in
      distinct(
        successorShares.count, below: itemCount, except: item,
        CounterRandom(seed: seed, Purpose.successors, UInt64(item))
      ).map { Int32($0) }
    }
  }

  /// The rows of `categoryWeights`.
  static func drawCategoryRows(
    _ count: Int, _ seasonCount: Int, _ seed: UInt64
  ) -> [[Double]] {
    let related = (0..<count).map { category in
      distinct(
        min(relatedCategoryCount, count - 1), below: count, except: category,
        CounterRandom(seed: seed, Purpose.chain, UInt64(category)))
    }
    var rows: [[Double]] = []
    for season in 0..<seasonCount {
      for taste in 0..<tasteCount {
        let preference = preference(
          of: taste, inQuarter: seasonCount > 1 ? season : nil, count, seed)
        for category in 0..<count {
          var row = preference.map { (1 - chainRate) * $0 }
          let others = related[category]
          row[category] += chainRate * (1 - 0.2 * Double(others.count))
          for other in others { row[other] += chainRate * 0.2 }
          rows.append(row)
        }
        rows.append(preference)
      }
    }
    return rows
  }

  /// [category] taste(k, ·), of a quarter or of the whole year.
  private static func preference(
    of taste: Int, inQuarter quarter: Int?, _ count: Int, _ seed: UInt64
  ) -> [Double] {
    let random = CounterRandom(seed: seed, Purpose.tastes, UInt64(taste))
    let highQuarters = CounterRandom(seed: seed, Purpose.highQuarters)
    let raw = (0..<UInt64(count)).map { category in
      var power = random.uniform(category)
      for _ in 0..<5 { power *= power }
      let isHigh = highQuarters.integer(below: quarterCount, category) == quarter
      return isHigh ? highSeasonFactor * (power + 0.01) : power + 0.01
    }
    let total = raw.reduce(0, +)
    return raw.map { $0 / total }
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
}
