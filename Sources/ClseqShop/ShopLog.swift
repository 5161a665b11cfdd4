/// A made-up shop whose log has a known best score.
///
/// Each user has one of six hidden tastes, all equally likely, and meets items one after another:
/// the next item is drawn by the weights w_k(last, ·) of the catalogue (a Markov chain over items
/// and categories mixed with taste) among those the user has not met yet. How far an item gets
/// (view, cart, purchase) depends on the item alone, and times on nothing, so neither says more
/// about the next item than the items do. Everything follows from the seed.
///
/// Because the taste is one of a few, the distribution of the next item given a history is exact
/// and cheap (``predictiveDistribution(history:)``), and so is the best possible ranking; those of the items after
/// it are means over drawn paths (``bestStepRanks(of:truths:pathCount:progress:)``). A log may
/// have further traits (``ShopTraits``); where its event types follow from those before, their best
/// possible accuracy is known as well (``bestTypeAccuracy()``).
public struct ShopLog: Sendable {
  /// Settings that are out of bounds.
  public struct SettingsError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The fault, as a message.
    public let description: String
  }

  /// The shop of `clseq train` without data, sized to be learned in about a minute on two cores.
  public static let demo = ShopLog(checked: 8_000, 1_000, 5...50, 1, .plain)
  /// The same with event types that depend on the previous ones, for tasks about types.
  public static let typedDemo: ShopLog = {
    var traits = ShopTraits()
    traits.hasTypedEvents = true
    return ShopLog(checked: 8_000, 1_000, 5...50, 1, traits)
  }()

  /// The number of users.
  public let userCount: Int
  /// The number of items; the log of few users may miss some.
  public let itemCount: Int
  /// The minimum and maximum events per user; the mean is a third of the way from one to the other.
  public let eventsPerUser: ClosedRange<Int>
  /// The seed of all draws.
  public let seed: UInt64
  /// Further traits of the log.
  public let traits: ShopTraits

  package let catalogue: ShopCatalogue
  /// The Markov chain of types; nil if types depend on the item alone.
  let types: ShopTypes?
  /// The days of the log; nil for one without an end.
  let calendar: ShopCalendar?

  /// - Parameters:
  ///   - users: The number of users, at least 1.
  ///   - items: The number of items, at least 10 and twice the maximum events per user.
  ///   - eventsPerUser: The minimum and maximum events per user, at least 1.
  ///   - seed: The seed.
  ///   - traits: Further traits of the log. With an end, the bounds hold for the expected events per
  ///     user, and the maximum is at most a quarter of the items.
  /// - Throws: `SettingsError` if a number is out of its bounds.
  public init(
    users: Int, items: Int, eventsPerUser: ClosedRange<Int> = 5...50, seed: UInt64 = 1,
    traits: ShopTraits = .plain
  ) throws(SettingsError) {
    guard (1...Int(Int32.max)).contains(users) else {
      throw SettingsError(description: "\(users) users: a shop has 1 to \(Int32.max)")
    }
    guard (10...Int(Int32.max)).contains(items) else {
      throw SettingsError(description: "\(items) items: a shop has 10 to \(Int32.max)")
    }
    if let fault = traits.fault { throw SettingsError(description: fault) }
    let (part, name) = traits.hasCalendar ? (4, "a quarter") : (2, "half")
    guard eventsPerUser.lowerBound >= 1, eventsPerUser.upperBound <= items / part else {
      throw SettingsError(
        description:
          "\(eventsPerUser.lowerBound) to \(eventsPerUser.upperBound) events per user (--min-events, "
          + "--max-events): from 1 to \(items / part) are possible, \(name) of the \(items) items "
          + "(--items)")
    }
    self.init(checked: users, items, eventsPerUser, seed, traits)
  }

  private init(
    checked users: Int, _ items: Int, _ eventsPerUser: ClosedRange<Int>, _ seed: UInt64,
    _ traits: ShopTraits
  ) {
    userCount = users
    itemCount = items
    self.eventsPerUser = eventsPerUser
    self.seed = seed
    self.traits = traits
    catalogue = ShopCatalogue(itemCount: items, seed: seed, hasSeasons: traits.hasSeasons)
    types =
      traits.hasTypedEvents
      ? ShopTypes(categoryCount: catalogue.categoryCount, seed: seed) : nil
    calendar =
      traits.hasCalendar
      ? ShopCalendar(
        dayCount: traits.dayCount ?? ShopTraits.usualDayCount, hasSeasons: traits.hasSeasons)
      : nil
  }

  /// The events of one user (from 0) in the order of time.
  public func events(of user: Int) -> [ShopEvent] {
    var events: [ShopEvent] = []
    if let calendar {
      var shopper = CalendarShopper(user: user, of: self, calendar)
      shopper.appendEvents(to: &events)
      return events
    }
    var shopper = Shopper(user: user, of: self)
    events.reserveCapacity(shopper.eventCount)
    var time = Self.firstTime(&shopper.draws)
    for _ in 0..<shopper.eventCount {
      let item = shopper.nextItem()
      time += Self.pause(&shopper.draws)
      events.append(ShopEvent(item: item, kind: shopper.nextKind(item), time: time))
    }
    return events
  }

  /// The time of a user's first event in a log without an end: in the first sixty days.
  static func firstTime(_ draws: inout RandomSequence) -> Int {
    ShopCalendar.opening + draws.integer(below: 60 * ShopCalendar.secondsPerDay)
  }

  /// Seconds before an event: minutes within a visit, days before one.
  static func pause(_ draws: inout RandomSequence) -> Int {
    let day = ShopCalendar.secondsPerDay
    return draws.uniform() < 0.2
      ? draws.integer(below: 6 * day) + day / 4 : draws.integer(below: 300) + 20
  }
}
