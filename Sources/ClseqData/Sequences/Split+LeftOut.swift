extension Split {
  /// The users who are left out of a part in which items are ranked, and the targets that are certainly
  /// missed, counted by reason; empty if there are none.
  ///
  /// - Parameter part: Nil for training.
  public func leftOut(of part: Part?) -> [String: Int] {
    var counts: [String: Int] = [:]
    guard let part else {
      let short = (0..<dataset.userCount).count { [1].contains(training(of: $0).count) }
      counts["users with a single training event"] = short
      counts["events of items without a training event"] = untrainedItemEventCount
      return counts.filter { $0.value > 0 }
    }
    counts["targets without a training event of their item, counted as missed"] =
      coldTargetCount(of: part)
    switch kind {
    case .user: break
    case .leaveOneOut: counts["users with fewer than three events"] = untargetedCount(of: part)
    case .session: counts["users with fewer than three sessions"] = untargetedCount(of: part)
    case .time:
      let absent = (0..<dataset.userCount).count { targetPlaces(of: $0, for: part).isEmpty }
      let coldAbsent = max(0, untargetedCount(of: part) - absent)
      counts["users without a known event in it"] = untargetedCount(of: part) - coldAbsent
      counts["users without a known event before it"] = coldAbsent
    }
    return counts.filter { $0.value > 0 }
  }

  /// Users without a target, except those with a cold one.
  private func untargetedCount(of part: Part) -> Int {
    dataset.userCount - users(of: part).count - coldTargetCount(of: part)
  }
}
