extension Split {
  /// Who is left out of a part where items are ranked, and of which targets it is known that they are
  /// missed, counted by reason; nothing where nobody is.
  ///
  /// - Parameter part: Nil for training.
  public func leftOut(of part: Part?) -> [String: Int] {
    var counts: [String: Int] = [:]
    guard let part else {
      let short = (0..<dataset.userCount).count { [1].contains(training(of: $0).count) }
      counts["users with one training event, which nothing follows"] = short
      counts["events of items that training does not know"] = untoldEventCount
      return counts.filter { $0.value > 0 }
    }
    counts["targets that are items training does not know, counted as missed"] =
      coldTargetCount(of: part)
    switch kind {
    case .user: break
    case .leaveOneOut: counts["users with fewer than three events"] = untargetedCount(of: part)
    case .session: counts["users with fewer than three sessions"] = untargetedCount(of: part)
    case .time:
      let absent = (0..<dataset.userCount).count { askedPlaces(of: $0, for: part).isEmpty }
      let coldAbsent = max(0, untargetedCount(of: part) - absent)
      counts["users without a known event in it"] = untargetedCount(of: part) - coldAbsent
      counts["users without a known event before it"] = coldAbsent
    }
    return counts.filter { $0.value > 0 }
  }

  /// Users without a target, cold ones aside.
  private func untargetedCount(of part: Part) -> Int {
    dataset.userCount - users(of: part).count - coldTargetCount(of: part)
  }
}
