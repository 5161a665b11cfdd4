import ClseqMetrics
import ClseqRuns
import Foundation

/// What a model says of the events that it writes back from the codes of sequences, beside the truth; a case is an event.
struct ReconstructionAnswers: Sendable {
  /// What is written of each event: its item first.
  struct Part: Sendable {
    let name: String
    /// Whether it is a number, with errors, and not a class, with hits.
    let isNumber: Bool
    /// Nats by which the truth of each event is unlikely; NaN where there is none.
    var losses: [Double] = []
    /// 1 where the class of the largest score is the true one and 0 where it is not, or the error of a number; NaN
    /// where there is no truth.
    var marks: [Double] = []
  }

  /// The divergences of codes that have a distribution.
  struct Divergences: Sendable {
    /// Nats of each dimension of each user's code, `[users, C]`.
    var values: [Double]
    /// C.
    let width: Int
    /// Their weight β in the loss.
    let weight: Double

    /// Nats of each user.
    var sums: [Double] {
      stride(from: 0, to: values.count, by: width).map {
        values[$0..<$0 + width].reduce(0, +)
      }
    }
  }

  /// The name of the item among the parts.
  static let item = "item"

  var parts: [Part]
  /// Nil of a model whose codes have no distribution.
  var divergences: Divergences?
  /// The user of each event, from 0 in their order.
  var users: [Int32]

  /// Those of some events, ascending.
  func selecting(_ cases: [Int]) -> ReconstructionAnswers {
    var chosen = self
    chosen.parts = parts.map { part in
      var some = part
      some.losses = cases.map { part.losses[$0] }
      some.marks = cases.map { part.marks[$0] }
      return some
    }
    var distinct: [Int32] = []
    chosen.users = cases.map { place in
      if distinct.last != users[place] { distinct.append(users[place]) }
      return Int32(distinct.count - 1)
    }
    chosen.divergences?.values =
      divergences.map { all in
        distinct.flatMap { all.values[Int($0) * all.width..<(Int($0) + 1) * all.width] }
      } ?? []
    return chosen
  }

  /// The figures of a table, the one that decides first.
  func figures(userCount: Int) -> [NamedFigure] {
    var sums = [Double](repeating: 0, count: userCount)
    var counts = sums
    for (place, user) in users.enumerated() {
      counts[Int(user)] += 1
      for part in parts where !part.losses[place].isNaN { sums[Int(user)] += part.losses[place] }
    }
    var figures = [
      NamedFigure(SelectionMetric.likelihood.name, MeanFigure(sums: sums, weights: counts))
    ]
    if let divergences {
      let all = zip(sums, divergences.sums).map { $0 + divergences.weight * $1 }
      figures.insert(
        NamedFigure(SelectionMetric.objective.name, MeanFigure(sums: all, weights: counts)), at: 0)
    }
    figures += parts.flatMap { self.figures(of: $0, userCount) }
    guard let divergences else { return figures }
    func dimensions(_ state: CodeDimensions.State) -> CodeDimensions {
      CodeDimensions(divergences: divergences.values, width: divergences.width, state)
    }
    return figures + [
      NamedFigure("KL", MeanFigure(ofUsers: divergences.sums)),
      NamedFigure("active dimensions", dimensions(.active)),
      NamedFigure("collapsed dimensions", dimensions(.collapsed)),
    ]
  }

  /// The likelihood of the item apart, and accuracy or error of every part.
  private func figures(of part: Part, _ userCount: Int) -> [NamedFigure] {
    let known = part.losses.indices.filter { !part.losses[$0].isNaN }
    let owners = known.map { users[$0] }
    guard !part.isNumber else {
      return [
        NamedFigure(
          "\(part.name) \(RMSE.name)",
          RMSE().figure(users: owners, userCount: userCount) { part.marks[known[$0]] })
      ]
    }
    let hits = MeanFigure(users: owners, userCount: userCount) { part.marks[known[$0]] }
    guard part.name == Self.item else {
      return [NamedFigure("\(part.name) \(Accuracy.name)", hits)]
    }
    let losses = MeanFigure(users: owners, userCount: userCount) { part.losses[known[$0]] }
    return [
      NamedFigure(Accuracy.name, hits),
      NamedFigure("\(part.name) \(SelectionMetric.likelihood.name)", losses),
    ]
  }
}
