/// The truth that a supervised model learns and is measured by.
public struct Targets: Sendable {
  /// The values, by what the rule is about.
  public enum Values: Sendable, Equatable {
    /// A number for each event (a place of the dataset) or user; NaN where the truth is not known.
    case numbers(LazyValues<Double>)
    /// A class from 0, -1 where the truth is not known; the names of the classes.
    case classes(LazyValues<Int32>, names: [String])
    /// A duration, NaN where there is none, and whether it ended.
    case durations(LazyValues<Double>, observed: LazyValues<Bool>)
  }

  /// Where the truth stands.
  public let rule: TargetRule
  /// By place of the event, or by user.
  public let values: Values
  /// For rules with a horizon, the first time that is not the past, in microseconds since 1970.
  public let cutoff: Int64?

  /// The targets that a rule finds in a dataset.
  ///
  /// - Parameters:
  ///   - rule: The rule of the target.
  ///   - dataset: The dataset.
  ///   - horizon: Microseconds after the cutoff, for rules that look ahead.
  ///   - cutoff: Microseconds since 1970; nil for the horizon before the log's last event.
  ///   - end: For ``TargetRule/isCensored`` rules, the first time of which nothing is known; nil where all
  ///     events of the log are.
  /// - Throws: `DataError.lacks` where the dataset has not what the rule names, `.unfit` where values
  ///   are not of use.
  public init(
    _ rule: TargetRule, of dataset: SequenceDataset, horizon: Int64 = 0, cutoff: Int64? = nil,
    end: Int64? = nil
  ) throws(DataError) {
    self.rule = rule
    self.cutoff = try rule.hasHorizon ? rule.cutoff(cutoff, horizon: horizon, of: dataset) : nil
    let future = self.cutoff.map { $0..<$0.addingReportingOverflow(horizon).partialValue }
    values = try rule.values(
      TargetSource(text: rule.text, dataset: dataset, future: future, end: end))
  }

  /// The number of classes; 1 for numbers and durations.
  public var classCount: Int {
    if case .classes(_, let names) = values { names.count } else { 1 }
  }

  /// Whether the truth of an event, or a user, is known.
  public func isKnown(_ index: Int) -> Bool {
    switch values {
    case .numbers(let numbers): !numbers[index].isNaN
    case .classes(let classes, _): classes[index] >= 0
    case .durations(let durations, _): !durations[index].isNaN
    }
  }
}

extension TargetRule {
  /// The first time that is not the past, in microseconds since 1970.
  fileprivate func cutoff(
    _ wanted: Int64?, horizon: Int64, of dataset: SequenceDataset
  ) throws(DataError) -> Int64 {
    let path = dataset.source.name
    guard let times = dataset.times, let end = times.max(), let start = times.min() else {
      throw .lacks(path: path, what: "times", purpose: "the target '\(text)'")
    }
    guard horizon > 0 else {
      throw .unfit(
        path: path, what: "the target '\(text)'", expected: "a horizon: add --horizon 30d")
    }
    let cutoff = wanted ?? end - horizon + 1
    guard cutoff > start, cutoff <= end - horizon + 1 else {
      throw .unfit(
        path: path, what: "the cutoff of '\(text)'",
        expected: "a time inside the log, with the horizon before its end")
    }
    return cutoff
  }
}
