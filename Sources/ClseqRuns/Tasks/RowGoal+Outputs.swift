import Foundation

extension RowGoal {
  /// The probability of each class, or of a yes; that of ending in each interval for durations.
  ///
  /// - Parameter row: C outputs.
  package func probabilities(_ row: ArraySlice<Float>) -> [Double] {
    guard case .classes = self else { return row.map { Self.sigmoid(Double($0)) } }
    let highest = Double(row.max() ?? 0)
    let powers = row.map { exp(Double($0) - highest) }
    let sum = powers.reduce(0, +)
    return powers.map { $0 / sum }
  }

  /// The class with the greatest output, the first of equal ones.
  package static func likeliest(_ row: ArraySlice<Float>) -> Int {
    row.indices.reduce(row.startIndex) { row[$1] > row[$0] ? $1 : $0 } - row.startIndex
  }

  /// The logit of a yes, or of the second of two classes; nil where there are not just two answers.
  package func logit(_ row: ArraySlice<Float>) -> Double? {
    switch self {
    case .binary: Double(row[row.startIndex])
    case .classes(let names, _) where names.count == 2:
      Double(row[row.startIndex + 1]) - Double(row[row.startIndex])
    default: nil
    }
  }

  /// The outputs that say a yes with a logit.
  package func outputs(ofLogit logit: Double) -> [Float] {
    outputCount == 2 ? [0, Float(logit)] : [Float(logit)]
  }

  /// Whether a row is a yes or a no: of a binary target, or of two classes.
  package var isYesOrNo: Bool {
    switch self {
    case .binary: true
    case .classes(let names, _): names.count == 2
    case .numbers, .durations: false
    }
  }

  /// The number as the target has it, or the expected duration up to the last bound; not a number
  /// for classes.
  package func number(_ row: ArraySlice<Float>) -> Double {
    switch self {
    case .numbers(let mean, let deviation, _, _, let least):
      max(mean + deviation * Double(row[row.startIndex]), least ?? -.infinity)
    case .durations(let bounds): Self.expectedDuration(probabilities(row), bounds)
    case .classes, .binary: .nan
    }
  }

  /// The output that says a number, which `number` gives back.
  package func output(ofNumber number: Double) -> Float {
    guard case .numbers(let mean, let deviation, _, _, _) = self else {
      preconditionFailure("RowGoal: \(self) says no numbers")
    }
    return Float((number - mean) / deviation)
  }

  /// The restricted mean ∫₀ᴸ S(t) dt up to the last bound L: the sum of the intervals' widths, each by
  /// the probability to outlive all before it, minus half of that where it ends inside. A case
  /// beyond the last bound counts L.
  static func expectedDuration(_ hazards: [Double], _ bounds: [Double]) -> Double {
    var (alive, start, sum) = (1.0, 0.0, 0.0)
    for (hazard, bound) in zip(hazards, bounds) {
      sum += (bound - start) * alive * (1 - hazard / 2)
      alive *= 1 - hazard
      start = bound
    }
    return sum
  }

  package static func sigmoid(_ x: Double) -> Double {
    x >= 0 ? 1 / (1 + exp(-x)) : exp(x) / (1 + exp(x))
  }
}
