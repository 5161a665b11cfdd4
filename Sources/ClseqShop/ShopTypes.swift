import ClseqBase

/// Event types as a Markov chain: the type of an event depends on the type of the event before it
/// and on the category of that event's item, and on nothing else.
///
/// Each pair (category, type) has a most frequent successor: view with ½, cart and purchase with ¼
/// each, all of it drawn once from the seed. Its probability is uniform in .55 to .9,
/// and of the others the first in the order view, cart, purchase takes .2 to .8 of the remainder.
struct ShopTypes: Sendable {
  private static let kinds = ShopEvent.Kind.allCases
  /// [(category * 3 + type) * 3 + next]
  private let probabilities: [Double]

  init(categoryCount: Int, seed: UInt64) {
    probabilities = (0..<categoryCount * Self.kinds.count).flatMap { row in
      let random = CounterRandom(seed: seed, ShopCatalogue.Purpose.types, UInt64(row))
      let u = random.uniform(0)
      let usual = u < 0.5 ? 0 : u < 0.75 ? 1 : 2
      let share = 0.55 + 0.35 * random.uniform(1)
      let first = (1 - share) * (0.2 + 0.6 * random.uniform(2))
      var row = [first, 1 - share - first]
      row.insert(share, at: usual)
      return row
    }
  }

  /// The probabilities of view, cart and purchase.
  func next(after kind: ShopEvent.Kind, category: Int) -> ArraySlice<Double> {
    let start = start(kind, category)
    return probabilities[start..<start + Self.kinds.count]
  }

  /// The type that a uniform number draws.
  func draw(_ u: Double, after kind: ShopEvent.Kind, category: Int) -> ShopEvent.Kind {
    let start = start(kind, category)
    let view = probabilities[start]
    return u < view ? .view : u < view + probabilities[start + 1] ? .cart : .purchase
  }

  /// The type that follows most often.
  func likeliest(
    after kind: ShopEvent.Kind, category: Int
  ) -> (kind: ShopEvent.Kind, probability: Double) {
    var best = (kind: ShopEvent.Kind.view, probability: 0.0)
    for (next, probability) in zip(Self.kinds, self.next(after: kind, category: category))
    where probability > best.probability { best = (next, probability) }
    return best
  }

  private func start(_ kind: ShopEvent.Kind, _ category: Int) -> Int {
    (category * Self.kinds.count + kind.index) * Self.kinds.count
  }
}

extension ShopEvent.Kind {
  /// The place among all kinds.
  var index: Int {
    switch self {
    case .view: 0
    case .cart: 1
    case .purchase: 2
    }
  }
}
