/// A made-up shop whose log has a known best score.
///
/// Each user has one of six hidden tastes, all equally likely, and meets items one after another:
/// the next item is drawn by the weights w_k(last, ·) of the catalogue (a Markov chain over items
/// and categories mixed with taste) among those the user has not met yet. How far an item gets
/// (view, cart, purchase) depends on the item alone, and times on nothing, so neither tells more
/// of the next item than the items do. Everything follows from the seed.
///
/// Because the taste is one of a few, the distribution of the next item given a history is exact
/// and cheap (``predictiveDistribution(history:)``), and so is the best possible ranking.
public struct ShopLog: Sendable {
  /// Settings that no shop can have.
  public struct SettingsError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What is wrong, for people.
    public let description: String
  }

  /// The shop of `clseq train` without data, sized to be learned in about a minute on two cores.
  public static let demo = ShopLog(checked: 8_000, 1_000, 5...50, 1)

  /// The number of users.
  public let userCount: Int
  /// The number of items; the log of few users may miss some.
  public let itemCount: Int
  /// The fewest and the most events of a user; on average a user has a third of the way.
  public let eventsPerUser: ClosedRange<Int>
  /// Where everything follows from.
  public let seed: UInt64

  package let catalogue: ShopCatalogue

  /// - Parameters:
  ///   - users: The number of users, at least 1.
  ///   - items: The number of items, at least 10 and twice the most events of a user.
  ///   - eventsPerUser: The fewest and most events of a user, at least 1.
  ///   - seed: The seed.
  /// - Throws: `SettingsError` if a number is out of its bounds.
  public init(
    users: Int, items: Int, eventsPerUser: ClosedRange<Int> = 5...50, seed: UInt64 = 1
  ) throws(SettingsError) {
    guard (1...Int(Int32.max)).contains(users) else {
      throw SettingsError(description: "\(users) users: a shop has 1 to \(Int32.max)")
    }
    guard (10...Int(Int32.max)).contains(items) else {
      throw SettingsError(description: "\(items) items: a shop has 10 to \(Int32.max)")
    }
    guard eventsPerUser.lowerBound >= 1, eventsPerUser.upperBound <= items / 2 else {
      throw SettingsError(
        description: "\(eventsPerUser) events a user: from 1 to half of the \(items) items")
    }
    self.init(checked: users, items, eventsPerUser, seed)
  }

  private init(
    checked users: Int, _ items: Int, _ eventsPerUser: ClosedRange<Int>, _ seed: UInt64
  ) {
    userCount = users
    itemCount = items
    self.eventsPerUser = eventsPerUser
    self.seed = seed
    catalogue = ShopCatalogue(itemCount: items, seed: seed)
  }

  /// The events of one user (from 0) in the order of time.
  public func events(of user: Int) -> [ShopEvent] {
    var shopper = Shopper(user: user, of: self)
    return (0..<shopper.eventCount).map { _ in shopper.next() }
  }

  /// The log as a dataset: the very one that writing the log and loading the file would give.
  ///
  /// - Throws: `DataError.noUsersLeft` if no user has enough events.
  public func dataset() throws(DataError) -> SequenceDataset {
    try SequenceDataset.load(ShopLogSource(self), options: ReadingOptions(format: .inter))
  }

  /// Writes the log as RecBole `.inter`, user after user, with the columns `user_id`, `item_id`,
  /// `event_type` and `timestamp`. Memory does not grow with the number of events.
  ///
  /// - Throws: `DataError.cannotWrite`.
  public func write(to path: String) throws(DataError) {
    var writer = try FileWriter(path: path)
    try write(into: { bytes throws(DataError) in try writer.append(bytes) })
    try writer.finish()
  }

  /// Hands the bytes that ``write(to:)`` writes to `sink`: the header, then the lines of user
  /// after user.
  ///
  /// - Throws: What `sink` throws.
  public func write<Failure: Error>(
    into sink: (_ bytes: [UInt8]) throws(Failure) -> Void
  ) throws(Failure) {
    try sink(Array(ShopLogSource.header.utf8))
    for user in 0..<userCount { try sink(ShopLogSource.lines(of: user, in: self)) }
  }
}

/// The bytes of a shop's `.inter` file, made as they are read.
struct ShopLogSource: ByteSource {
  static let header = "user_id:token\titem_id:token\tevent_type:token\ttimestamp:float\n"

  private let log: ShopLog
  private var nextUser = 0
  private var pending = ArraySlice(header.utf8)

  init(_ log: ShopLog) {
    self.log = log
  }

  var path: String { "shop-\(log.userCount)x\(log.itemCount)-seed\(log.seed).inter" }

  mutating func fill(_ buffer: UnsafeMutableRawBufferPointer) throws(DataError) -> Int {
    if pending.isEmpty && nextUser < log.userCount {
      pending = ArraySlice(Self.lines(of: nextUser, in: log))
      nextUser += 1
    }
    let count = min(buffer.count, pending.count)
    buffer.copyBytes(from: pending.prefix(count))
    pending.removeFirst(count)
    return count
  }

  /// The lines of one user (from 0): `u1 TAB i5 TAB view TAB 1700000000`.
  static func lines(of user: Int, in log: ShopLog) -> [UInt8] {
    var bytes: [UInt8] = []
    for event in log.events(of: user) {
      let line = "u\(user + 1)\ti\(event.item + 1)\t\(event.kind.rawValue)\t\(event.time)\n"
      bytes.append(contentsOf: line.utf8)
    }
    return bytes
  }
}
