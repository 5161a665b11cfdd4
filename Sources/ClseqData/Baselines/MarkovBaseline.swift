/// Ranks items by how often they directly followed the user's last item: a first-order
/// Markov chain with maximum-likelihood transitions.
///
///     score(j | i) = n(i → j) + n(j) / (1 + max n)
///
/// where n(i → j) counts neighbouring events of the training parts, i the last event of the history
/// and n(j) the training events of j. The second term is below one: it decides among equal counts
/// only, above all among the many items that never followed i, and keeps ranks well defined. Rows
/// are not normalised, which changes no rank. Source: Rendle, Freudenthaler, Schmidt-Thieme,
/// Factorizing personalized Markov chains, WWW 2010, which factorise this chain.
public struct MarkovBaseline: BaselineRanker {
  private let split: Split
  private let popularity: CommonRanking
  /// By item index: the items that followed it, ascending, as often as they did.
  private let successors: ItemLists

  /// Counts the transitions of all training parts; memory grows with their events, not with V².
  public init(_ split: Split) {
    self.split = split
    popularity = CommonRanking(split.trainingCounts.map { Double($0) })
    // Gathered twice by counting: by the later item, then by the earlier one, whose rows are then
    // in ascending order.
    let rowCount = split.dataset.vocabulary.rowCount
    let predecessors = ItemLists(rowCount: rowCount) { take in
      for user in 0..<split.dataset.userCount {
        let items = split.training(of: user)
        for (item, next) in zip(items, items.dropFirst()) where next <= split.dataset.itemCount {
          take(Int(next), item)
        }
      }
    }
    successors = ItemLists(rowCount: rowCount) { take in
      for next in 0..<rowCount {
        for item in predecessors[next] { take(Int(item), Int32(next)) }
      }
    }
  }

  /// `markov`.
  public var title: String { Baseline.markov.rawValue }

  /// The rank of each user's target, from 1, in the order of the dataset.
  public func ranks(for part: Split.Part) -> [Int] {
    split.ranks(of: part) { user, target, items in
      rank(of: target, after: split.history(of: user, for: part).last, among: items)
    }
  }

  private func rank(of target: Int32, after last: Int32?, among items: RankedItems) -> Int {
    guard let last else { return items.count(of: split.dataset.itemCount) }
    let counts = transitions(from: last)
    let targetCount = counts.first { $0.item == target }?.count ?? 0
    let targetPopularity = popularity.scores[Int(target)]
    let rivals = counts.filter { $0.item != target && items.contains($0.item) }
    if targetCount > 0 {
      return 1
        + rivals.count {
          ($0.count, popularity.scores[Int($0.item)]) >= (targetCount, targetPopularity)
        }
    }
    // All rivals are better; the popularity's rank has counted those as popular as the target.
    return popularity.rank(of: target, among: items)
      + rivals.count { popularity.scores[Int($0.item)] < targetPopularity }
  }

  /// The distinct items that followed an item and how often they did.
  private func transitions(from item: Int32) -> [(item: Int32, count: Int)] {
    var counts: [(item: Int32, count: Int)] = []
    for next in successors[Int(item)] {
      if counts.last?.item == next {
        counts[counts.count - 1].count += 1
      } else {
        counts.append((next, 1))
      }
    }
    return counts
  }
}

extension MarkovBaseline {
  /// n(j) / (1 + max n), which orders items of equal counts.
  public var commonScores: [Double]? {
    let highest = popularity.scores.dropFirst().max() ?? 0
    return popularity.scores.map { $0 / (1 + highest) }
  }

  /// n(i → j) for the last event i of the history.
  public func scores(after history: [Int32]) -> [ScoredItem] {
    guard let last = history.last else { return [] }
    return transitions(from: last).map { ScoredItem(item: $0.item, score: Double($0.count)) }
  }
}
