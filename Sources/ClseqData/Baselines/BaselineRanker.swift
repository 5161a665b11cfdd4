/// A ranker without training in steps, fitted on the training parts of a split.
///
/// Reference scores that need no training: a model that does not beat them has learned nothing beyond
/// counts. Ferrari Dacrema, Cremonesi, Jannach, Are we really
/// making much progress?, RecSys 2019, found that many published models do not.
///
/// The protocol is that of models: the candidates are those of ``Split/exclusions(of:for:)``, a
/// target that is none of them has the rank `Int.max`, and an item with the target's score counts
/// against it. Counts are those of the training parts alone. The history of a user is
/// ``Split/history(of:for:)``, which contains the validation event for the test target.
public protocol BaselineRanker: Sendable {
  /// Name and settings in one line, for tables and passports.
  var title: String { get }

  /// The rank of each user's target, from 1, in the order of the dataset.
  func ranks(for part: Split.Part) -> [Int]

  /// The part of scores that does not depend on the history, by item index, index 0 unused; nil if none.
  var commonScores: [Double]? { get }

  /// The part of scores that a history adds: distinct items with scores above 0, in any order.
  ///
  /// - Parameter history: Items in the order of time.
  func scores(after history: [Int32]) -> [ScoredItem]
}

/// An item and its score.
public struct ScoredItem: Sendable, Equatable {
  /// The item, 1…V.
  public let item: Int32
  /// The score; higher is better.
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

/// The items that a baseline ranks first after any history, also a new one.
public struct BaselineTop: Sendable {
  private let ranker: any BaselineRanker
  private let common: [Double]
  /// The items with a common score, the best first; of equal ones those that occur first in the log.
  private let order: [Int32]

  /// - Parameter ranker: A fitted ranker.
  public init(_ ranker: any BaselineRanker) {
    self.ranker = ranker
    let common = ranker.commonScores ?? []
    self.common = common
    order = common.indices.dropFirst().filter { common[$0] > 0 }
      .sorted { (-common[$0], $0) < (-common[$1], $1) }.map { Int32($0) }
  }

  /// The best items after a history, at most `count`. Items without a score are not among them.
  ///
  /// - Parameters:
  ///   - count: The maximum number of items.
  ///   - history: Items in the order of time.
  ///   - isCandidate: Whether an item may be returned.
  public func items(
    _ count: Int, after history: [Int32], where isCandidate: (Int32) -> Bool
  ) -> [ScoredItem] {
    // Sums in the order of the evaluation: first the history's part, then the common part.
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
