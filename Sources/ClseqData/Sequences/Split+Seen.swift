import ClseqBase

extension Split {
  /// The same targets under another rule for seen items.
  public func applying(_ seen: SeenRule) -> Split {
    var split = self
    split.seen = seen
    return split
  }

  /// Whether the user met the target's item before.
  public func isRepeat(of user: Int, for part: Part) -> Bool {
    history(of: user, for: part).contains(target(of: user, for: part))
  }

  /// The share of a part's targets, cold ones included, that are items of their users' histories;
  /// 0 without targets.
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

  /// Whether the target is excluded: it was met before, and the rule excludes seen items.
  public func isMissed(of user: Int, for part: Part) -> Bool {
    seen == .exclude && isRepeat(of: user, for: part)
  }

  /// The items that are not candidates, ascending and distinct: the seen ones, if the rule excludes
  /// them. A target among them is missed. If ``isSampled`` is true, ``candidates(of:for:)`` gives the
  /// few ranked items.
  public func exclusions(of user: Int, for part: Part) -> [Int32] {
    seen == .allow ? [] : seenItems(of: user, for: part)
  }

  /// Whether a target is ranked among a few sampled items instead of all items that are not excluded.
  public var isSampled: Bool { rivals != nil }

  /// The distinct items besides the target among which it is ranked, if these are chosen; nil for all
  /// except ``exclusions(of:for:)``.
  public func candidates(of user: Int, for part: Part) -> [Int32]? {
    guard let rivals else { return nil }
    let target = target(of: user, for: part)
    return rivals(user, part).filter { $0 != target }
  }

  /// The rank of each user's target from a function of the user, the target and the items among which
  /// it is ranked; `Int.max` if the target is not a candidate. In the order of ``users(of:)``.
  func ranks(
    of part: Part, by rank: (_ user: Int, _ target: Int32, _ items: RankedItems) -> Int
  ) -> [Int] {
    users(of: part).map { user in
      let user = Int(user)
      let target = target(of: user, for: part)
      if let candidates = candidates(of: user, for: part) {
        return isMissed(of: user, for: part) ? .max : rank(user, target, .only(candidates))
      }
      let excluded = exclusions(of: user, for: part)
      return excluded.containsAscending(target) ? .max : rank(user, target, .allBut(excluded))
    }
  }
}
