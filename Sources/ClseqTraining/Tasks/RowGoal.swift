import ClseqData
import Foundation

/// What the outputs of a head mean, and how truths become what a loss compares them with. Saved with a
/// run.
public enum RowGoal: Equatable, Sendable, Codable {
  /// How far a number may be off.
  public enum NumberLoss: String, Sendable, Codable {
    /// Squared error.
    case mse
    /// Absolute error.
    case mae
    /// Huber's loss.
    case huber
  }

  /// A score a class, with the classes' weights in the loss.
  case classes(names: [String], weights: [Float]?)
  /// The logit of a yes, with the weights of no and yes in the loss.
  case binary(weights: [Float]?)
  /// A number less the mean, by the deviation; never below the least, where there is one.
  case numbers(mean: Double, deviation: Double, loss: NumberLoss, delta: Float, least: Double?)
  /// The logit of the hazard in each of several intervals; `bounds` are their upper ends but the
  /// last one's, which has none. In seconds, or the unit of the target.
  case durations(bounds: [Double])

  /// Outputs C of a row.
  public var outputCount: Int {
    switch self {
    case .classes(let names, _): names.count
    case .binary, .numbers: 1
    case .durations(let bounds): bounds.count + 1
    }
  }

  /// The figure that epochs are chosen by.
  var selection: SelectionMetric {
    switch self {
    case .classes: SelectionMetric(name: "accuracy", isHigherBetter: true)
    case .binary: SelectionMetric(name: "AUC", isHigherBetter: true)
    case .numbers(_, _, let loss, _, _):
      SelectionMetric(name: loss == .mae ? "MAE" : "RMSE", isHigherBetter: false)
    case .durations: SelectionMetric(name: "concordance", isHigherBetter: true)
    }
  }
}

extension RowGoal {
  /// The goal of a task on the truths that training holds.
  ///
  /// - Parameter known: indices of the truths that are known in training.
  /// - Throws: `DataError.unfit` where they do not fit the task: nothing known, one class alone,
  ///   labels other than 0 and 1, numbers that are infinite or all equal.
  init(
    _ settings: TrainingSettings, task: TaskKind, targets: Targets, known: [Int], path: String
  ) throws {
    func unfit(_ what: String, _ expected: String) -> DataError {
      .unfit(path: path, what: "the target '\(targets.rule.text)' has \(what)", expected: expected)
    }
    guard !known.isEmpty else {
      throw unfit("no value in the training part", "labelled events or users there")
    }
    switch targets.values {
    case .classes where task == .regress:
      throw unfit("tokens", "numbers; --task classify tells classes")
    case .classes(let classes, let names):
      let counts = known.reduce(into: [Int](repeating: 0, count: names.count)) {
        $0[Int(classes[$1])] += 1
      }
      guard counts.count(where: { $0 > 0 }) > 1 else {
        throw unfit(
          "one class alone in training, '\(names[Int(classes[known[0]])])'", "two at least")
      }
      self = .classes(
        names: names, weights: try settings.classWeights(names: names, counts: counts))
    case .numbers(let numbers) where task == .regress:
      self = try Self.numbers(known.map { numbers[$0] }, settings, unfit)
    case .numbers(let numbers):
      guard let other = known.first(where: { numbers[$0] != 0 && numbers[$0] != 1 }) else {
        let positives = known.count { numbers[$0] == 1 }
        guard positives > 0, positives < known.count else {
          throw unfit("one class alone in training, \(positives > 0 ? 1 : 0)", "both 0 and 1")
        }
        self = .binary(
          weights: try settings.classWeights(
            names: ["0", "1"], counts: [known.count - positives, positives]))
        return
      }
      throw unfit(
        "the value \(numbers[other])",
        "0 and 1 alone; --target label>=NUMBER makes a yes of what reaches a number")
    case .durations(let durations, let observed):
      let ends = known.filter { observed[$0] }.map { durations[$0] }.sorted()
      guard let least = ends.first, ends[ends.count - 1] > least else {
        throw unfit("no durations that differ and are not censored", "some")
      }
      self = .durations(bounds: Self.bounds(ends, count: settings.bins - 1))
    }
  }

  private static func numbers(
    _ values: [Double], _ settings: TrainingSettings, _ unfit: (String, String) -> DataError
  ) throws -> RowGoal {
    guard values.allSatisfy(\.isFinite) else {
      throw unfit("an infinite number", "finite numbers")
    }
    let mean = values.reduce(0, +) / Double(values.count)
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
    guard variance > 0 else { throw unfit("one number alone in training, \(mean)", "several") }
    let loss: NumberLoss =
      switch settings.loss {
      case .mae: .mae
      case .huber: .huber
      default: .mse
      }
    // What was never negative is not foretold to be: spending, counts, durations. No truth of the kind
    // is nearer to the number below zero than to zero, so no error grows by it.
    return .numbers(
      mean: mean, deviation: variance.squareRoot(), loss: loss, delta: Float(settings.huberDelta),
      least: values.allSatisfy { $0 >= 0 } ? 0 : nil)
  }

  /// Quantiles of sorted durations, ascending and distinct.
  private static func bounds(_ sorted: [Double], count: Int) -> [Double] {
    var bounds: [Double] = []
    for index in 1...max(1, count) {
      let bound = sorted[min(sorted.count - 1, sorted.count * index / (count + 1))]
      if bound > bounds.last ?? sorted[0] { bounds.append(bound) }
    }
    return bounds.isEmpty ? [sorted[sorted.count - 1]] : bounds
  }

  /// Checks that a part of the split has what the deciding figure needs.
  ///
  /// - Throws: `DataError.unfit`.
  func requireScorable(
    _ targets: Targets, known: [Int], part: Split.Part, path: String
  ) throws(DataError) {
    func require(_ isThere: Bool, _ lacking: String) throws(DataError) {
      guard !isThere else { return }
      throw .unfit(
        path: path, what: "the \(part.rawValue) part has \(lacking) of '\(targets.rule.text)'",
        expected: "what can be scored: more users or events, or another --split-by")
    }
    try require(!known.isEmpty, "no value")
    switch targets.values {
    case .numbers(let numbers) where isYesOrNo:
      try require(Set(known.map { numbers[$0] }).count > 1, "one class alone")
    case .durations(let durations, let observed):
      let least = known.filter { observed[$0] }.map { durations[$0] }.min()
      try require(
        least.map { end in known.contains { durations[$0] > end } } ?? false, "no pair")
    case .numbers, .classes: break
    }
  }

  /// The interval of a duration: the first whose bound it does not exceed.
  static func bin(of duration: Double, _ bounds: [Double]) -> Int {
    bounds.firstIndex { duration <= $0 } ?? bounds.count
  }
}
