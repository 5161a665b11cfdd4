public import ClseqData

/// Which events a model is trained and scored on.
public enum SplitChoice: String, CaseIterable, Codable, Sendable {
  /// The last event of each user, and the one before.
  case leaveOneOut = "leave-one-out"
  /// Training before a time, targets after it.
  case time
  /// The first event of each user's last session, and of the one before.
  case session
  /// A tenth of the users for validation and a tenth for the test, chosen by seed; training on the
  /// other users.
  case user
}

/// Whether items that a user has seen are candidates.
public enum SeenChoice: String, CaseIterable, Codable, Sendable {
  /// As the validation targets say: allowed where more of them are repeats than
  /// ``leastRepeatShare``.
  case auto
  /// They are none, and a repeated target is missed.
  case exclude
  /// They are.
  case allow

  /// From which share of repeats among the validation targets on `auto` allows seen items.
  public static let leastRepeatShare = 0.01

  /// The choice that stands for a rule.
  public init(_ rule: SeenRule) { self = rule == .allow ? .allow : .exclude }

  /// The rule for a split.
  public func rule(for split: Split) -> SeenRule {
    switch self {
    case .exclude: .exclude
    case .allow: .allow
    case .auto: split.repeatShare(of: .validation) > Self.leastRepeatShare ? .allow : .exclude
    }
  }
}

extension TrainingSettings {
  /// The split that a run of the task is trained and scored on: a ranking counts target items that
  /// training lacks as missed; other tasks replace these items with the unknown item.
  ///
  /// - Throws: As ``split(_:)``.
  public func taskSplit(_ dataset: SequenceDataset) throws -> Split {
    try split(task.answer == .ranking ? dataset : dataset.withUnknownItem())
  }

  /// Splits a dataset as the settings say, under the rule for seen items that they set.
  ///
  /// - Throws: ``SettingsError/doNotFit(_:)`` for times that are not in order, `DataError.lacks`
  ///   and `.emptyPart`.
  public func split(_ dataset: SequenceDataset) throws -> Split {
    let split = try parts(of: dataset)
    return ranksItems ? split.applying(seen.rule(for: split)) : split
  }

  private func parts(of dataset: SequenceDataset) throws -> Split {
    switch splitBy {
    case .leaveOneOut: return .leaveOneOut(dataset)
    case .user: return try .users(dataset, seed: splitSeed)
    case .session: return try .sessions(dataset)
    case .time:
      if let rule = targetRule, rule.hasHorizon {
        return try .horizons(
          dataset, horizon: horizonMicroseconds, test: cutoffTime(of: dataset))
      }
      let validation = try time(validationFrom, of: dataset)
      let test = try time(testFrom, of: dataset)
      guard validation < test else {
        throw SettingsError.doNotFit(
          "validation_from (\(validationFrom)) must be before test_from (\(testFrom))")
      }
      if targetRule?.subject == .user {
        return try .arrivals(dataset, validationStart: validation, testStart: test)
      }
      return try .time(dataset, validationStart: validation, testStart: test)
    }
  }

  /// A point in the time of a dataset, in microseconds since 1970.
  ///
  /// - Throws: `DataError.lacks`.
  package func time(_ point: TimePoint, of dataset: SequenceDataset) throws(DataError) -> Int64 {
    switch point {
    case .time(let time): time
    case .percent(let percent): try Split.time(of: dataset, afterShare: percent / 100)
    }
  }
}
