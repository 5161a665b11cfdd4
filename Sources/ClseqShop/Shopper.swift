import ClseqBase

/// One user of the shop, with random numbers of its own.
struct Shopper {
  /// The hidden taste.
  var taste: Int
  /// How many events the user will have, or is expected to have in a log with an end.
  let eventCount: Int

  private let catalogue: ShopCatalogue
  private let types: ShopTypes?
  /// The user's stream of draws of items, types and, without a calendar, times.
  var draws: RandomSequence
  private var met: MetItems
  private var last: Int?
  /// Type and category of the last event that was given a type.
  private var before: (kind: ShopEvent.Kind, category: Int)?

  init(user: Int, of log: ShopLog) {
    catalogue = log.catalogue
    types = log.types
    let random = CounterRandom(seed: log.seed, ShopCatalogue.Purpose.users, UInt64(user))
    taste = random.integer(below: ShopCatalogue.tasteCount, 0)
    let bounds = log.eventsPerUser
    let u = random.uniform(1)
    eventCount = bounds.lowerBound + Int(u * u * Double(bounds.count))
    draws = RandomSequence(random, from: 2)
    met = MetItems(expectedCount: eventCount)
  }

  /// How many different items the user has met.
  var metCount: Int { met.count }

  /// The next item: one not met yet, drawn by weight.
  mutating func nextItem(season: Int = 0) -> Int {
    var item = drawItem(season)
    // Drawing again until the item is new is drawing by weight among the new ones.
    while !met.insert(item) { item = drawItem(season) }
    last = item
    return item
  }

  /// The type of the event: from the item alone, or in a typed log from the type and the category of
  /// the previous event.
  mutating func nextKind(_ item: Int) -> ShopEvent.Kind {
    let u = draws.uniform()
    guard let types else { return kind(u, catalogue.conversion(of: item)) }
    let kind =
      before.map { types.draw(u, after: $0.kind, category: $0.category) }
      ?? kind(u, catalogue.conversion(of: item))
    before = (kind, catalogue.category(of: item))
    return kind
  }

  private func kind(_ u: Double, _ conversion: (purchase: Double, cart: Double)) -> ShopEvent.Kind {
    u < conversion.purchase ? .purchase : u < conversion.cart ? .cart : .view
  }

  /// Draws by w_k(last, ·), items met before included.
  private mutating func drawItem(_ season: Int) -> Int {
    if let last, draws.uniform() < ShopCatalogue.successorRate {
      let u = draws.uniform()
      let shares = ShopCatalogue.successorShares
      let place = u < shares[0] ? 0 : u < shares[0] + shares[1] ? 1 : 2
      return catalogue.successor(of: last, at: place)
    }
    let category = catalogue.drawCategory(
      draws.uniform(), taste: taste, after: last, season: season)
    return catalogue.drawItem(draws.uniform(), category: category)
  }
}
