extension Split {
  /// The same targets under another rule for items that a user has seen.
  public func applying(_ seen: SeenRule) -> Split {
    var split = self
    split.seen = seen
    return split
  }

  /// Whether the user met the target's item before.
  public func isRepeat(of user: Int, for part: Part) -> Bool {
    history(of: user, for: part).contains(target(of: user, for: part))
  }

  /// The share of a part's targets, cold ones among them, that are items of their users' histories;
  /// 0 where there are none.
  public func repeatShare(of part: Part) -> Double {
    let users = users(of: part)
    let count = users.count + coldTargetCount(of: part)
    return Double(users.count { isRepeat(of: Int($0), for: part) }) / Double(max(1, count))
  }

  /// The distinct items of the history without the unknown one, ascending.
  public func seenItems(of user: Int, for part: Part) -> [Int32] {
    var seen = history(of: user, for: part).sorted()
    var count = 0
    for item in seen
    where item != dataset.vocabulary.unknown && (count == 0 || seen[count - 1] != item) {
      seen[count] = item
      count += 1
    }
    seen.removeSubrange(count...)
    return seen
  }

  /// The items that are no candidates, ascending and distinct: those seen, where the rule excludes
  /// them, or all but a few sampled ones. A target that is among them is missed.
  public func exclusions(of user: Int, for part: Part) -> [Int32] {
    guard let rivals else { return seen == .allow ? [] : seenItems(of: user, for: part) }
    let isCandidate = seen == .allow || !isRepeat(of: user, for: part)
    let ranked = (rivals(user, part) + (isCandidate ? [target(of: user, for: part)] : [])).sorted()
    var next = 0
    return (1...Int32(dataset.itemCount)).filter { item in
      while next < ranked.count && ranked[next] < item { next += 1 }
      return next == ranked.count || ranked[next] != item
    }
  }

  /// The rank of each user's target from a function of the user, the target and what is excluded;
  /// `Int.max` where the target is excluded itself. In the order of ``users(of:)``.
  func ranks(
    of part: Part, by rank: (_ user: Int, _ target: Int32, _ excluded: [Int32]) -> Int
  ) -> [Int] {
    users(of: part).map { user in
      let user = Int(user)
      let (target, excluded) = (target(of: user, for: part), exclusions(of: user, for: part))
      return excluded.containsAscending(target) ? .max : rank(user, target, excluded)
    }
  }
}
