/// Ranking in plain loops; items are counted from 0.
package enum RankingReference {
  /// The product of a user's vector with each item's, `items` being `[V, D]`.
  package static func scores<T: BinaryFloatingPoint>(
    user: UnsafeMutableBufferPointer<T>, items: UnsafeMutableBufferPointer<T>
  ) -> [T] {
    let width = user.count
    return (0..<items.count / width).map { item in
      (0..<width).reduce(T(0)) { $0 + user[$1] * items[item * width + $1] }
    }
  }

  /// How many items other than the target, and not excluded, have a score not smaller than the
  /// target's; V if the target is not an item or is excluded itself.
  package static func rank<T: BinaryFloatingPoint>(
    of target: Int, scores: [T], excluded: Set<Int>
  ) -> Int {
    guard scores.indices.contains(target), !excluded.contains(target) else { return scores.count }
    return scores.indices.count { item in
      item != target && !excluded.contains(item) && !(scores[item] < scores[target])
    }
  }

  /// How many of the candidates other than the target have a score not smaller than the target's;
  /// candidates that are not items do not count.
  package static func rank<T: BinaryFloatingPoint>(
    of target: Int, user: UnsafeMutableBufferPointer<T>, items: UnsafeMutableBufferPointer<T>,
    candidates: some Sequence<Int>
  ) -> Int {
    let (width, itemCount) = (user.count, items.count / user.count)
    func score(_ item: Int) -> T {
      (0..<width).reduce(T(0)) { $0 + user[$1] * items[item * width + $1] }
    }
    guard (0..<itemCount).contains(target) else { return itemCount }
    let own = score(target)
    return candidates.reduce(0) { count, item in
      let isItem = (0..<itemCount).contains(item) && item != target
      return isItem && !(score(item) < own) ? count + 1 : count
    }
  }

  /// The best `k` items that are not excluded, best first; equal scores by item; NaN never.
  package static func top<T: BinaryFloatingPoint>(
    _ k: Int, scores: [T], excluded: Set<Int>
  ) -> [Int] {
    let candidates = scores.indices.filter { !excluded.contains($0) && !scores[$0].isNaN }
    let ordered = candidates.sorted {
      scores[$0] > scores[$1] || (scores[$0] == scores[$1] && $0 < $1)
    }
    return Array(ordered.prefix(k))
  }
}
