package import ClseqData
package import ClseqSettings
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
  /// (A number minus the mean) / deviation; never below the minimum, where there is one.
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
  package var selection: SelectionMetric {
    switch self {
    // Where one of two classes is rare, to say the other one always has a high accuracy.
    case .classes, .binary:
      SelectionMetric(name: isYesOrNo ? "AUC" : "accuracy", isHigherBetter: true)
    case .numbers(_, _, let loss, _, _):
      SelectionMetric(name: loss == .mae ? "MAE" : "RMSE", isHigherBetter: false)
    case .durations: SelectionMetric(name: "concordance", isHigherBetter: true)
    }
  }
}

extension RowGoal {
  /// The goal of a task on the truths that training holds.
  ///
  /// - Parameter forEachKnown: Gives the indices of the truths that are known in training.
  /// - Throws: `DataError.unfit` where they do not fit the task: nothing known, one class alone,
  ///   labels other than 0 and 1, numbers that are infinite or all equal.
  package init(
    _ settings: TrainingSettings, task: TaskKind, targets: Targets, path: String,
    _ forEachKnown: @escaping OrderStatistic.Each<Int>
  ) throws {
    func unfit(_ what: String, _ expected: String) -> DataError {
      .unfit(path: path, what: "the target '\(targets.rule.text)' has \(what)", expected: expected)
    }
    var count = 0
    forEachKnown { _ in count += 1 }
    guard count > 0 else {
      throw unfit("no value in the training part", "labelled events or users there")
    }
    switch targets.values {
    case .classes where task.answer == .number:
      throw unfit("tokens", "numbers; --task classify predicts classes")
    case .classes(let classes, let names):
      var counts = [Int](repeating: 0, count: names.count)
      forEachKnown { counts[Int(classes[$0])] += 1 }
      guard counts.count(where: { $0 > 0 }) > 1 else {
        let only = counts.firstIndex { $0 > 0 } ?? 0
        throw unfit("one class alone in training, '\(names[only])'", "at least two")
      }
      self = .classes(
        names: names, weights: try settings.classWeights(names: names, counts: counts))
    case .numbers(let numbers) where task.answer == .number:
      self = try Self.numbers(settings, unfit) { take in forEachKnown { take(numbers[$0]) } }
    case .numbers(let numbers):
      var (positives, other): (Int, Double?) = (0, nil)
      forEachKnown {
        let number = numbers[$0]
        if number == 1 { positives += 1 } else if number != 0 { other = other ?? number }
      }
      if let other {
        throw unfit(
          "the value \(other)",
          "0 and 1 alone; --target label>=NUMBER makes a yes of what reaches a number")
      }
      guard positives > 0, positives < count else {
        throw unfit("one class alone in training, \(positives > 0 ? 1 : 0)", "both 0 and 1")
      }
      self = .binary(
        weights: try settings.classWeights(
          names: ["0", "1"], counts: [count - positives, positives]))
    case .durations(let durations, let observed):
      let bounds = Self.bounds(count: settings.bins - 1) { take in
        forEachKnown { if observed[$0] { take(durations[$0]) } }
      }
      guard let bounds else {
        throw unfit("no durations that differ and are not censored", "some")
      }
      self = .durations(bounds: bounds)
    }
  }

  private static func numbers(
    _ settings: TrainingSettings, _ unfit: (String, String) -> DataError,
    _ forEach: @escaping OrderStatistic.Each<Double>
  ) throws -> RowGoal {
    var (count, sum, least) = (0.0, 0.0, Double.infinity)
    forEach { number in
      (count, sum) = (count + 1, sum + number)
      least = min(least, number)
    }
    let mean = sum / count
    guard mean.isFinite else { throw unfit("an infinite number", "finite numbers") }
    var squares = 0.0
    forEach { squares += ($0 - mean) * ($0 - mean) }
    let variance = squares / count
    guard variance > 0 else { throw unfit("one number alone in training, \(mean)", "several") }
    let loss: NumberLoss =
      switch settings.loss {
      case .mae: .mae
      case .huber: .huber
      default: .mse
      }
    // Amounts that were never negative are not predicted negative. No truth of the kind
    // is nearer to the number below zero than to zero, so no error grows by it.
    return .numbers(
      mean: mean, deviation: variance.squareRoot(), loss: loss, delta: Float(settings.huberDelta),
      least: least >= 0 ? 0 : nil)
  }

  /// Quantiles of durations, ascending and distinct; nil where fewer than two durations differ.
  private static func bounds(count: Int, _ forEach: @escaping OrderStatistic.Each<Double>)
    -> [Double]?
  {
    var total = 0
    forEach { _ in total += 1 }
    let ranks = (1...max(1, count)).map { min(total - 1, total * $0 / (count + 1)) }
    guard let found = OrderStatistic.numbers(at: [0] + ranks + [total - 1], forEach),
      let least = found.first, let most = found.last, most > least
    else { return nil }
    var bounds: [Double] = []
    for bound in found.dropFirst().dropLast() where bound > bounds.last ?? least {
      bounds.append(bound)
    }
    return bounds.isEmpty ? [most] : bounds
  }

  /// Checks that a part of the split has what the deciding figure needs.
  ///
  /// - Throws: `DataError.unfit`.
  package func requireScorable(
    _ targets: Targets, part: Split.Part, path: String, _ forEachKnown: OrderStatistic.Each<Int>
  ) throws(DataError) {
    func require(_ isThere: Bool, _ lacking: String) throws(DataError) {
      guard !isThere else { return }
      throw .unfit(
        path: path, what: "the \(part.rawValue) part has \(lacking) of '\(targets.rule.text)'",
        expected: "what can be scored: more users or events, or another --split-by")
    }
    var count = 0
    forEachKnown { _ in count += 1 }
    try require(count > 0, "no value")
    switch targets.values {
    case .numbers(let numbers) where isYesOrNo:
      var positives = 0
      forEachKnown { if numbers[$0] == 1 { positives += 1 } }
      try require(positives > 0 && positives < count, "one class alone")
    case .classes(let classes, _) where isYesOrNo:
      var positives = 0
      forEachKnown { if classes[$0] == 1 { positives += 1 } }
      try require(positives > 0 && positives < count, "one class alone")
    case .durations(let durations, let observed):
      var (least, most) = (Double.infinity, -Double.infinity)
      forEachKnown {
        if observed[$0] { least = min(least, durations[$0]) }
        most = max(most, durations[$0])
      }
      try require(most > least, "no pair")
    case .numbers, .classes: break
    }
  }

  /// The interval of a duration: the first whose bound it does not exceed.
  package static func bin(of duration: Double, _ bounds: [Double]) -> Int {
    bounds.firstIndex { duration <= $0 } ?? bounds.count
  }
}
