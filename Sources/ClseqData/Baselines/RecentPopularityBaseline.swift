import ClseqBase

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Ranks every item by its number of training events, weighted by age: an older event counts less.
///
///     score(i) = Σ 2^(−age(e) / h)   over the training events e of item i
///
/// The age of an event is the share of the log that came after it, from 0 to below 1, so that the
/// half-life h needs no unit and means the same in a log of a week and of a year:
///
/// - with times, the training events of all users at strictly later times ÷ all training events;
/// - without times the order of two users' events is unknown, and each user has a log of its own:
///   the later events of the user's training part ÷ the events of that part.
///
/// The scores are as of the log's end and the same for all users. Fitting takes some 40 bytes per
/// event. Cf. the decaying popularity of Ji, Sun, Zhang, Li, A re-visit of the popularity baseline
/// in recommender systems, SIGIR 2020.
public struct RecentPopularityBaseline: BaselineRanker {
  /// The default half-life, as a share of the log.
  public static let defaultHalfLife = 0.1

  /// h: the age at which an event counts half, as a share of the log.
  public let halfLife: Double
  private let split: Split
  private let ranking: CommonRanking

  /// Computes the weights of all training events.
  ///
  /// - Parameters:
  ///   - split: the split.
  ///   - halfLife: h, above 0; infinity is plain popularity.
  public init(_ split: Split, halfLife: Double = Self.defaultHalfLife) {
    precondition(halfLife > 0, "recent-popularity: half-life \(halfLife) is not above 0")
    self.halfLife = halfLife
    self.split = split
    var scores = [Double](repeating: 0, count: split.dataset.itemCount + 1)
    // The oldest first: sums then depend on an item's ages alone, and equal ages tie exactly.
    for event in Self.events(of: split).sorted(by: { $0.age > $1.age })
    where event.item <= split.dataset.itemCount {
      scores[Int(event.item)] += exp2(-event.age / halfLife)
    }
    ranking = CommonRanking(scores)
  }

  /// The name and h, such as `recent-popularity (half-life 0.1)`.
  public var title: String { "\(Baseline.recentPopularity.rawValue) (half-life \(halfLife))" }

  /// The rank of each user's target, from 1, in the order of the dataset.
  public func ranks(for part: Split.Part) -> [Int] {
    split.ranks(of: part) { _, target, items in ranking.rank(of: target, among: items) }
  }

  /// The training events of all users with their ages.
  private static func events(of split: Split) -> [(item: Int32, age: Double)] {
    let parts = (0..<split.dataset.userCount).map(split.training)
    guard let times = split.dataset.times else {
      return parts.flatMap { part in
        part.indices.map { (part[$0], Double(part.endIndex - 1 - $0) / Double(part.count)) }
      }
    }
    let sortedTimes = parts.flatMap { times[$0.indices] }.sorted()
    return parts.flatMap { part in
      part.indices.map { event in
        let later = sortedTimes.count - sortedTimes.partitioningIndex { $0 > times[event] }
        return (part[event], Double(later) / Double(sortedTimes.count))
      }
    }
  }
}

extension RecentPopularityBaseline {
  /// The weighted number of training events of each item.
  public var commonScores: [Double]? { ranking.scores }
}
