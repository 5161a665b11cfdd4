/// Ranks items by their likeness to those of the user's history: item-based nearest neighbours.
///
///     score(j) = Σ s(i, j)   over the distinct items i of the history that have j as a neighbour
///     s(i, j) = |Uᵢ ∩ Uⱼ| / (√(|Uᵢ| |Uⱼ|) + shrinkage)
///
/// Uᵢ are the users whose training parts hold i, so s is the cosine of two rows of zeros and ones;
/// shrinkage takes weight from pairs that few users support. The neighbours of i are the k items of
/// largest s above 0, of equal ones those that occur first in the log. Items that are nobody's
/// neighbour score 0 and tie. Source: Deshpande and Karypis, Item-based top-N recommendation algorithms,
/// TOIS 2004, the similarity by cosine, without normalised rows.
///
/// Memory is k numbers per item and two per event; time grows with the sum of |training part|² over
/// the users.
public struct ItemKNNBaseline: BaselineRanker {
  /// The default number of neighbours.
  public static let defaultNeighbourCount = 100

  /// k, the maximum number of neighbours of an item.
  public let neighbourCount: Int
  /// The shrinkage, which is added to the denominator.
  public let shrinkage: Double
  private let split: Split
  private let neighbours: ItemNeighbours

  /// Finds the neighbours of all items.
  ///
  /// - Parameters:
  ///   - split: The split.
  ///   - neighbourCount: k, at least 1.
  ///   - shrinkage: At least 0, in users.
  public init(
    _ split: Split, neighbourCount: Int = Self.defaultNeighbourCount, shrinkage: Double = 0
  ) {
    precondition(
      neighbourCount >= 1 && shrinkage >= 0,
      "item-knn: \(neighbourCount) neighbours, shrinkage \(shrinkage)")
    self.neighbourCount = neighbourCount
    self.shrinkage = shrinkage
    self.split = split
    neighbours = ItemNeighbours(split, count: neighbourCount, shrinkage: shrinkage)
  }

  /// The name, k and the shrinkage, such as `item-knn (100 neighbours, shrinkage 0)`.
  public var title: String {
    "\(Baseline.itemKNN.rawValue) (\(neighbourCount) neighbours, shrinkage \(shrinkage))"
  }

  /// The rank of each user's target, from 1, in the order of the dataset.
  public func ranks(for part: Split.Part) -> [Int] {
    // Zero for every item before and after each user.
    var scores = [Double](repeating: 0, count: split.dataset.itemCount + 1)
    var scored: [Int32] = []
    return split.ranks(of: part) { user, target, items in
      for item in split.seenItems(of: user, for: part) {
        for place in neighbours.range(of: item) {
          let other = neighbours.items[place]
          if scores[Int(other)] == 0 { scored.append(other) }
          scores[Int(other)] += Double(neighbours.likeness[place])
        }
      }
      if case .allBut(let excluded) = items { for item in excluded { scores[Int(item)] = 0 } }
      let best = scores[Int(target)]
      let rank: Int
      switch items {
      case .only(let candidates): rank = 1 + candidates.count { scores[Int($0)] >= best }
      case .allBut where best > 0: rank = scored.count { scores[Int($0)] >= best }
      // A target without a score ties with all other items without one.
      case .allBut: rank = items.count(of: split.dataset.itemCount)
      }
      for item in scored { scores[Int(item)] = 0 }
      scored.removeAll(keepingCapacity: true)
      return rank
    }
  }
}

extension ItemKNNBaseline {
  /// The likeness of each neighbour of the history's items, summed.
  public func scores(after history: [Int32]) -> [ScoredItem] {
    var scores: [Int32: Double] = [:]
    for item in Set(history).sorted() where Int(item) <= split.dataset.itemCount {
      for place in neighbours.range(of: item) {
        scores[neighbours.items[place], default: 0] += Double(neighbours.likeness[place])
      }
    }
    return scores.map { ScoredItem(item: $0.key, score: $0.value) }
  }
}
