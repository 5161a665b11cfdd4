/// Ranks items by how lately the user met them: the last first, items never met last.
///
/// The protocol leaves out every item of the history but the target, so this ranker scores only
/// where the target itself is a repeat: its rank is then 1, and otherwise the last place, since all
/// items never met tie. HR@k for small k is therefore the share of targets that are repeats, which
/// bounds what any ranker gains from them.
public struct RepeatBaseline: BaselineRanker {
  private let split: Split

  /// Nothing is fitted: the history of each user is all that counts.
  public init(_ split: Split) {
    self.split = split
  }

  /// `repeat`.
  public var title: String { Baseline.repeat.rawValue }

  /// The rank of each user's target, from 1, in the order of the dataset.
  public func ranks(for part: Split.Part) -> [Int] {
    split.users(of: part).map { user in
      let user = Int(user)
      let target = split.target(of: user, for: part)
      if split.history(of: user, for: part).contains(target) { return 1 }
      return split.dataset.itemCount - split.exclusions(of: user, for: part).count
    }
  }
}
