/// A ranker without training in steps, fitted on the training parts of a split.
///
/// Every score needs a neighbour that costs nothing: a model that does not beat these has learned
/// nothing that counting would not have told. Ferrari Dacrema, Cremonesi, Jannach, Are we really
/// making much progress?, RecSys 2019, found that many published models do not.
///
/// The house's protocol holds for all: the candidates are those of ``Split/exclusions(of:for:)``, a
/// target that is none of them has the rank `Int.max`, and an item that scores like the target counts
/// against it. What is counted comes from
/// the training parts alone; the history that a user is ranked by is
/// ``Split/history(of:for:)``, which before the test target holds the validation event.
public protocol BaselineRanker: Sendable {
  /// Name and settings in one line, for tables and passports.
  var title: String { get }

  /// The rank of each user's target, from 1, in the order of the dataset.
  func ranks(for part: Split.Part) -> [Int]

  /// What each item scores after any history, by item index, index 0 unused; nil for nothing.
  var commonScores: [Double]? { get }

  /// What a history adds to that: distinct items with scores above 0, in any order.
  ///
  /// - Parameter history: Items in the order of time.
  func scores(after history: [Int32]) -> [ScoredItem]
}

/// An item and what a baseline says of it.
public struct ScoredItem: Sendable, Equatable {
  /// The item, 1…V.
  public let item: Int32
  /// More is better.
  public let score: Double

  /// An item with its score.
  public init(item: Int32, score: Double) {
    self.item = item
    self.score = score
  }
}

extension BaselineRanker {
  /// None.
  public var commonScores: [Double]? { nil }

  /// None.
  public func scores(after history: [Int32]) -> [ScoredItem] { [] }
}

/// The items that a baseline ranks first after histories that it need never have met.
public struct BaselineTop: Sendable {
  private let ranker: any BaselineRanker
  private let common: [Double]
  /// The items with a common score, the best first; of equal ones those met first in the log.
  private let order: [Int32]

  /// - Parameter ranker: One that was fitted.
  public init(_ ranker: any BaselineRanker) {
    self.ranker = ranker
    let common = ranker.commonScores ?? []
    self.common = common
    order = common.indices.dropFirst().filter { common[$0] > 0 }
      .sorted { (-common[$0], $0) < (-common[$1], $1) }.map { Int32($0) }
  }

  /// The best items after a history, at most `count`. Items of which the baseline knows nothing are none
  /// of them.
  ///
  /// - Parameter isCandidate: Whether an item may be told.
  public func items(
    _ count: Int, after history: [Int32], where isCandidate: (Int32) -> Bool
  ) -> [ScoredItem] {
    // Sums in the evaluation's order: what a history adds outweighs what holds for all.
    let own = ranker.scores(after: history)
    var best = own.filter { isCandidate($0.item) }.map { item in
      ScoredItem(
        item: item.item, score: item.score + (common.isEmpty ? 0 : common[Int(item.item)]))
    }
    best.sort { (-$0.score, $0.item) < (-$1.score, $1.item) }
    best.removeLast(max(0, best.count - count))
    if best.count == count || order.isEmpty { return best }
    let told = Set(own.map(\.item))
    for item in order where !told.contains(item) && isCandidate(item) {
      best.append(ScoredItem(item: item, score: common[Int(item)]))
      if best.count == count { break }
    }
    return best
  }
}
