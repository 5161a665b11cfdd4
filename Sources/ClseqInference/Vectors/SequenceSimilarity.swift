public import ClseqData
import ClseqRuns
import ClseqSettings

/// How alike the events of two users are, as they follow one another: their items are matched in order, by dynamic time
/// warping, and the distance of two items is 1 minus the cosine of their vectors.
public struct SequenceSimilarity: Encodable, Sendable {
  /// An event of a user.
  public struct Event: Encodable, Sendable {
    /// Its number among the user's events, from 1.
    public let number: Int
    /// The item; nil for the unknown one.
    public let item: String?
    /// What the item is called, where that is known.
    public let title: String?
  }

  /// Two events that are matched.
  public struct Match: Encodable, Sendable {
    /// Of the first user.
    public let first: Event
    /// Of the second.
    public let second: Event
    /// From 0 for one item to 2.
    public let distance: Double
  }

  /// The two users.
  public let users: [String]
  /// The mean distance of matched events: from 0, for the same items in the same order, to 2.
  public let distance: Double
  /// How far apart matched events may be; nil for any.
  public let band: Int?
  /// The matched events, from the first of both to the last of both.
  public let path: [Match]

  /// Compares two users.
  ///
  /// - Parameters:
  ///   - users: Their ids.
  ///   - data: A log, read for the run.
  ///   - run: The run, whose item vectors tell how near two items are.
  ///   - eventCount: The maximum number of last events of each user, at least 1.
  ///   - band: How far apart matched events may be; nil for any.
  ///   - titles: The titles of items; nil for none.
  /// - Throws: `DataError.unknownToken` for a user that the log does not have; as ``TrainedRun/itemVectors()``.
  public init(
    of users: (first: String, second: String), in data: NewData, by run: TrainedRun,
    eventCount: Int, band: Int? = nil, titles: ItemTitles? = nil
  ) throws {
    let dataset = data.dataset
    func places(of user: String) throws(DataError) -> (all: Range<Int>, last: Range<Int>) {
      guard let index = dataset.users.index(of: user).map(Int.init) else {
        throw .unknownToken(
          path: dataset.source.name, token: user,
          expected: "a user with an event of an item that the model knows")
      }
      let all = Int(dataset.offsets[index])..<Int(dataset.offsets[index + 1])
      return (all, all.suffix(eventCount))
    }
    let (first, second) = (try places(of: users.first), try places(of: users.second))
    let (values, width) = try run.itemVectors()
    let units = UnitVectors(
      values, width: width, of: Set(dataset.items[first.last]).union(dataset.items[second.last]))
    let (items, others) = (Array(dataset.items[first.last]), Array(dataset.items[second.last]))
    let warping = TimeWarping((items.count, others.count), band: band) {
      units.distance(items[$0], others[$1])
    }
    func event(_ place: Int, _ all: Range<Int>) -> Event {
      let item = dataset.items[place]
      let isKnown = item <= dataset.itemCount
      return Event(
        number: place - all.lowerBound + 1, item: isKnown ? dataset.vocabulary[Int(item)] : nil,
        title: isKnown ? titles?[item] : nil)
    }
    self.users = [users.first, users.second]
    self.band = band
    distance = warping.meanDistance
    path = warping.path.map { step in
      Match(
        first: event(first.last.lowerBound + step.first, first.all),
        second: event(second.last.lowerBound + step.second, second.all),
        distance: units.distance(items[step.first], others[step.second]))
    }
  }
}

/// Vectors of some items, brought to length 1.
private struct UnitVectors {
  private var vectors: [Int32: [Double]] = [:]

  /// - Parameter values: Of items 1…V, row by row. The unknown item, V + 1, has none.
  init(_ values: [Float], width: Int, of items: Set<Int32>) {
    for item in items {
      let start = (Int(item) - 1) * width
      guard start >= 0, start < values.count else { continue }
      let row = values[start..<start + width].map(Double.init)
      let norm = row.reduce(0) { $0 + $1 * $1 }.squareRoot()
      if norm > 0 { vectors[item] = row.map { $0 / norm } }
    }
  }

  /// 1 minus the cosine: 0 of one item, 1 of one without a vector and another.
  func distance(_ first: Int32, _ second: Int32) -> Double {
    if first == second { return 0 }
    guard let left = vectors[first], let right = vectors[second] else { return 1 }
    return max(0, 1 - zip(left, right).reduce(0) { $0 + $1.0 * $1.1 })
  }
}
