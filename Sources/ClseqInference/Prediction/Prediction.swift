public import ClseqData
package import ClseqRuns
import Foundation

/// What a head says of one event, or one user.
public enum Prediction: Equatable, Sendable {
  /// The probability of each class, in the order of their names.
  case classes(names: [String], probabilities: [Double])
  /// The probability of a yes.
  case probability(Double)
  /// A number in the unit of the target.
  case number(Double)
  /// The expected time, up to the last bound, and the probability of lasting beyond each bound; in
  /// seconds, or in the unit of the target.
  case duration(expected: Double, bounds: [Double], survival: [Double])

  /// What outputs mean.
  ///
  /// - Parameters:
  ///   - outputs: C outputs of one row.
  ///   - calibration: Corrects the probability of a yes, if there is one.
  package init(_ goal: RowGoal, _ outputs: [Float], calibration: RunCalibration? = nil) {
    var row = outputs[...]
    if let calibration, let logit = goal.logit(row) {
      row = goal.outputs(ofLogit: calibration.correctedLogit(logit))[...]
    }
    switch goal {
    case .classes(let names, _):
      self = .classes(names: names, probabilities: goal.probabilities(row))
    case .binary: self = .probability(goal.probabilities(row)[0])
    case .numbers: self = .number(goal.number(row))
    case .durations(let bounds):
      var alive = 1.0
      let survival = zip(bounds, goal.probabilities(row)).map { _, hazard in
        alive *= 1 - hazard
        return alive
      }
      self = .duration(expected: goal.number(row), bounds: bounds, survival: survival)
    }
  }

  /// The index of the likeliest class, the first of equal ones; nil where there are none.
  public var likeliest: Int? {
    guard case .classes(_, let probabilities) = self else { return nil }
    return probabilities.indices.reduce(0) { probabilities[$1] > probabilities[$0] ? $1 : $0 }
  }

  /// One number for the prediction: the probability of a class or of a yes, the number, the expected
  /// time.
  ///
  /// - Parameter index: The class; the likeliest when nil.
  func score(ofClass index: Int?) -> Double {
    switch self {
    case .classes(_, let probabilities): probabilities[index ?? likeliest ?? 0]
    case .probability(let probability): probability
    case .number(let number): number
    case .duration(let expected, _, _): expected
    }
  }
}

/// An item at its place in a ranking.
public struct RankedItem: Equatable, Sendable {
  /// The item, 1…V.
  public let item: Int32
  /// The product of the user's state and the item's vector.
  public let score: Float
}

/// What a model says of one user, or one event.
public struct PredictedRow: Equatable, Sendable {
  /// The user, from 0 in the dataset.
  public let user: Int
  /// The place in the dataset of the event with the prediction, or before it.
  public let place: Int
  /// The items that are likeliest next, the likeliest first; none of a model that ranks no items.
  public let items: [RankedItem]
  /// What each head says, in the order of `TaskDescription/heads`.
  public let heads: [Prediction]
}

/// Which items are ranked, and how many are given.
public struct RankingRequest: Equatable, Sendable {
  /// Items for each user, at least 1.
  public var count = 10
  /// The only items that may be given, 1…V; nil for all.
  public var allowed: Set<Int32>?
  /// Items that may not.
  public var denied: Set<Int32> = []
  /// Whether items of a user's history, as far back as the data goes, are candidates; nil for the
  /// rule of the run.
  public var seen: SeenRule?

  /// The likeliest items of those that the run's own evaluation ranks.
  ///
  /// - Parameter count: Items for each user, at least 1.
  public init(count: Int = 10) {
    precondition(count >= 1, "RankingRequest: \(count) items")
    self.count = count
  }
}
