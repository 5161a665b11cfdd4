import ClseqRandom

/// One user going through the shop; the numbers drawn are those of this user alone.
struct Shopper {
  /// The hidden taste.
  let taste: Int
  /// How many events the user will have.
  let eventCount: Int

  private let catalogue: ShopCatalogue
  private let random: CounterRandom
  private var counter: UInt64 = 0
  private var met: Set<Int> = []
  private var last: Int?
  private var time: Int

  init(user: Int, of log: ShopLog) {
    catalogue = log.catalogue
    random = CounterRandom(seed: log.seed, ShopCatalogue.Purpose.users, UInt64(user))
    taste = random.integer(below: ShopCatalogue.tasteCount, 0)
    let bounds = log.eventsPerUser
    let u = random.uniform(1)
    eventCount = bounds.lowerBound + Int(u * u * Double(bounds.count))
    time = Self.opening + random.integer(below: 60 * Self.day, 2)
    counter = 3
  }

  /// The next event: an item not met yet, drawn by weight.
  mutating func next() -> ShopEvent {
    var item = drawItem()
    // Drawing again until the item is new is drawing by weight among the new ones.
    while met.contains(item) { item = drawItem() }
    met.insert(item)
    last = item
    let isNewSession = uniform() < 0.2
    time += isNewSession ? integer(below: 6 * Self.day) + Self.day / 4 : integer(below: 300) + 20
    let (purchase, cart) = catalogue.conversion[item]
    let u = uniform()
    return ShopEvent(
      item: item, kind: u < purchase ? .purchase : u < cart ? .cart : .view, time: time)
  }

  /// Draws by w_k(last, ·), items met before included.
  private mutating func drawItem() -> Int {
    if let last, uniform() < ShopCatalogue.successorRate {
      let u = uniform()
      let shares = ShopCatalogue.successorShares
      let place = u < shares[0] ? 0 : u < shares[0] + shares[1] ? 1 : 2
      return catalogue.successors(of: last)[last * shares.count + place]
    }
    let row = catalogue.row(taste: taste, after: last)
    let category = Self.draw(uniform(), from: catalogue.categorySums[row])
    let place = Self.draw(uniform(), from: catalogue.shelfSums[category][...])
    return catalogue.shelves[category][place]
  }

  /// The place in running sums where a uniform number falls.
  private static func draw(_ u: Double, from sums: ArraySlice<Double>) -> Int {
    let level = u * (sums.last ?? 1)
    var (low, high) = (sums.startIndex, sums.endIndex - 1)
    while low < high {
      let middle = (low + high) / 2
      if sums[middle] > level { high = middle } else { low = middle + 1 }
    }
    return low - sums.startIndex
  }

  private mutating func uniform() -> Double {
    counter += 1
    return random.uniform(counter - 1)
  }

  private mutating func integer(below bound: Int) -> Int {
    counter += 1
    return random.integer(below: bound, counter - 1)
  }

  private static let day = 86_400
  /// The shop opens on 1 January 2024, UTC.
  private static let opening = 1_704_067_200
}
