import ClseqData
import ClseqMetrics
import Foundation

/// What outputs of a head say, and how well.
struct RowScores {
  let goal: RowGoal
  /// C outputs a row.
  let outputs: [[Float]]

  /// The class with the greatest score of each row; the first of equal ones.
  var classes: [Int] {
    outputs.map { row in row.indices.reduce(0) { row[$1] > row[$0] ? $1 : $0 } }
  }

  /// The probability of each class, or of a yes, a row.
  var probabilities: [[Double]] {
    outputs.map { row in
      guard case .classes = goal else { return row.map { Self.sigmoid(Double($0)) } }
      let highest = Double(row.max() ?? 0)
      let powers = row.map { exp(Double($0) - highest) }
      let sum = powers.reduce(0, +)
      return powers.map { $0 / sum }
    }
  }

  /// The number of each row: as the target has it, or the expected duration up to the last bound.
  var numbers: [Double] {
    switch goal {
    case .numbers(let mean, let deviation, _, _):
      outputs.map { mean + deviation * Double($0[0]) }
    case .durations(let bounds):
      outputs.map { Self.expectedDuration($0.map { Self.sigmoid(Double($0)) }, bounds) }
    case .classes, .binary: []
    }
  }

  /// The sum of the intervals' widths, each by the chance to outlive what is before it; half of that
  /// where it ends inside.
  static func expectedDuration(_ hazards: [Double], _ bounds: [Double]) -> Double {
    var (alive, start, sum) = (1.0, 0.0, 0.0)
    for (hazard, bound) in zip(hazards, bounds) {
      sum += (bound - start) * alive * (1 - hazard / 2)
      alive *= 1 - hazard
      start = bound
    }
    // Those who outlive the last bound are told apart by nothing but their number.
    return sum + alive * start
  }

  /// The figures of the rows against their truths.
  ///
  /// - Parameter indices: where the truth of each row stands; all are known.
  func scores(_ targets: Targets, of indices: [Int]) -> TaskScores {
    switch targets.values {
    case .classes(let classes, _):
      let labels = indices.map { Int(classes[$0]) }
      return classScores(labels)
    case .numbers(let numbers):
      let truths = indices.map { numbers[$0] }
      if case .binary = goal { return binaryScores(truths.map { $0 == 1 }) }
      return TaskScores([
        "RMSE": RMSE().value(targets: truths, predictions: self.numbers),
        "MAE": MAE().value(targets: truths, predictions: self.numbers),
      ])
    case .durations(let durations, let observed):
      return TaskScores([
        "concordance": ConcordanceIndex().value(
          durations: indices.map { durations[$0] }, observed: indices.map { observed[$0] },
          predictions: self.numbers)
      ])
    }
  }

  private func classScores(_ labels: [Int]) -> TaskScores {
    let predictions = classes
    let losses = zip(probabilities, labels).map { -log(max($0[$1], 1e-300)) }
    var scores = TaskScores([
      "accuracy": Accuracy().value(labels: labels, predictions: predictions),
      "macro F1": ClassF1(.macro).value(labels: labels, predictions: predictions),
      "log loss": losses.isEmpty ? nil : losses.reduce(0, +) / Double(losses.count),
    ])
    if case .classes(let names, _) = goal, names.count == 2 {
      scores.append(
        "AUC",
        AUC().value(labels: labels.map { $0 == 1 }, scores: probabilities.map { $0[1] }))
    }
    return scores
  }

  private func binaryScores(_ labels: [Bool]) -> TaskScores {
    let scores = probabilities.map { $0[0] }
    return TaskScores([
      "AUC": AUC().value(labels: labels, scores: outputs.map { Double($0[0]) }),
      "log loss": LogLoss().value(labels: labels, scores: scores),
      "calibration error": CalibrationError().value(labels: labels, scores: scores),
      "accuracy": Accuracy().value(labels: labels, predictions: scores.map { $0 >= 0.5 }),
    ])
  }

  static func sigmoid(_ x: Double) -> Double {
    x >= 0 ? 1 / (1 + exp(-x)) : exp(x) / (1 + exp(x))
  }
}
