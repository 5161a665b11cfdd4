import ClseqBase

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
///
/// With seasons each category has a high quarter of the year, in which its taste weighs three
/// times as much before taste(k, ·) is brought to the sum of one; the season of all that follows
/// is the quarter, from 0. Without, there is one season.
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

  static let quarterCount = 4
  /// The factor of a category's weight in its high quarter.
  package static let highSeasonFactor = 3.0

  package let itemCount: Int
  package let categoryCount: Int
  /// 4 with seasons, else 1.
  package let seasonCount: Int
  /// [item] its category.
  private let categories: [UInt8]
  /// [item] its popularity within the category; sums to one over a category.
  package let popularity: [Double]
  /// [place * C + category] the items of every category's shelf, the most popular first. Those
  /// drawn most often are adjacent.
  private let shelves: [Int32]
  /// The popularities along a shelf: a row for the short ones, a row for those with one item more.
  private let shelfTable: DrawTable
  /// [item * 3 + place] its successors, distinct and never itself.
  private let successors: [Int32]
  /// [((season * tastes + taste) * (C + 1) + category) * C + next] A_k; the last row of a taste, at
  /// category C, is taste itself.
  package let categoryWeights: [Double]
  /// The same rows.
  private let categoryTable: DrawTable
  /// Draws of the last step of an item: view, cart or purchase.
  private let conversion: CounterRandom

  init(itemCount: Int, seed: UInt64, hasSeasons: Bool) {
    self.itemCount = itemCount
    let categoryCount = max(
      2, min(Self.maximumCategoryCount, itemCount / Self.itemsPerCategory))
    self.categoryCount = categoryCount
    seasonCount = hasSeasons ? Self.quarterCount : 1
    shelves = CounterRandom(seed: seed, Purpose.shelves).permutation(count: itemCount)
    let shortShelf = itemCount / categoryCount
    let popularities = [shortShelf, shortShelf + 1].map(Self.popularities(onShelfOf:))
    shelfTable = DrawTable(rows: popularities)
    var categories = [UInt8](repeating: 0, count: itemCount)
    var popularity = [Double](repeating: 0, count: itemCount)
    for (position, item) in shelves.enumerated() {
      let (place, category) = position.quotientAndRemainder(dividingBy: categoryCount)
      categories[Int(item)] = UInt8(category)
      let shelf = popularities[category < itemCount % categoryCount ? 1 : 0]
      popularity[Int(item)] = shelf[place]
    }
    (self.categories, self.popularity) = (categories, popularity)
    successors = Self.drawSuccessors(itemCount, seed)
    let rows = Self.drawCategoryRows(categoryCount, seasonCount, seed)
    categoryWeights = rows.flatMap { $0 }
    categoryTable = DrawTable(rows: rows)
    conversion = CounterRandom(seed: seed, Purpose.conversion)
  }

  /// The category of an item.
  package func category(of item: Int) -> Int { Int(categories[item]) }

  /// The row of `categoryWeights` for a taste after an item, or at the start.
  package func row(taste: Int, after last: Int?, season: Int = 0) -> Range<Int> {
    let row = rowNumber(taste, last, season)
    return row * categoryCount..<(row + 1) * categoryCount
  }

  private func rowNumber(_ taste: Int, _ last: Int?, _ season: Int) -> Int {
    (season * Self.tasteCount + taste) * (categoryCount + 1)
      + (last.map(category) ?? categoryCount)
  }

  /// The category that a uniform number draws by A_k.
  func drawCategory(_ u: Double, taste: Int, after last: Int?, season: Int) -> Int {
    categoryTable.place(u, row: rowNumber(taste, last, season))
  }

  /// The item of a category that a uniform number draws by popularity.
  func drawItem(_ u: Double, category: Int) -> Int {
    let place = shelfTable.place(u, row: category < itemCount % categoryCount ? 1 : 0)
    return Int(shelves[place * categoryCount + category])
  }

  /// The three successors of an item.
  package func successors(of item: Int) -> [Int] {
    ShopCatalogue.successorShares.indices.map { successor(of: item, at: $0) }
  }

  /// One of them, by its place in ``successorShares``.
  func successor(of item: Int, at place: Int) -> Int {
    Int(successors[item * Self.successorShares.count + place])
  }

  /// The probabilities of a purchase, and of a cart or purchase.
  func conversion(of item: Int) -> (purchase: Double, cart: Double) {
    let purchase = 0.02 + 0.08 * conversion.uniform(2 * UInt64(item))
    return (purchase, purchase + 0.05 + 0.15 * conversion.uniform(2 * UInt64(item) + 1))
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
    static let histories: UInt64 = 7
    static let days: UInt64 = 8
    static let visits: UInt64 = 9
    static let types: UInt64 = 10
    static let highQuarters: UInt64 = 11
    static let paths: UInt64 = 12
  }
}
