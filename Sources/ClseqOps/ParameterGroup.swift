/// How the optimiser treats parameters.
public struct ParameterGroup: Hashable, Sendable {
  /// Whether they change: frozen parameters have neither gradients nor moments.
  public var isTrained: Bool
  /// Factor of the learning rate.
  public var rateFactor: Double
  /// Whether weight decay applies to them.
  public var decays: Bool

  /// Trained at the rate of the run, with weight decay, where nothing else is said.
  public init(isTrained: Bool = true, rateFactor: Double = 1, decays: Bool = true) {
    self.isTrained = isTrained
    self.rateFactor = rateFactor
    self.decays = decays
  }
}

/// A part of the flat arrays of a store that one launch of an optimiser updates.
struct TrainedRange {
  /// Of the flat arrays.
  let range: Range<Int>
  /// The first so many of them decay.
  let decayedCount: Int
  let rateFactor: Double
}

/// The places of parameters in flat arrays: those of a rate together, of these the decaying ones first, and
/// frozen ones last.
struct ParameterLayout {
  /// Where each parameter begins, in the order of declaration.
  let offsets: [Int]
  let trained: [TrainedRange]
  /// Length of the values, with gaps that align parameters.
  let count: Int

  /// Length of gradients and moments.
  var trainedCount: Int { trained.last?.range.upperBound ?? 0 }

  /// - Parameter alignment: in values.
  init(_ parameters: [Parameter], alignment: Int) {
    var rates: [Double] = []
    for parameter in parameters where parameter.isTrained {
      if !rates.contains(parameter.group.rateFactor) { rates.append(parameter.group.rateFactor) }
    }
    func rank(_ parameter: Parameter) -> (Int, Int) {
      guard parameter.isTrained, let rate = rates.firstIndex(of: parameter.group.rateFactor) else {
        return (rates.count, 0)
      }
      return (rate, parameter.group.decays ? 0 : 1)
    }
    let ranks = parameters.map(rank)
    let order = parameters.indices.sorted {
      (ranks[$0].0, ranks[$0].1, $0) < (ranks[$1].0, ranks[$1].1, $1)
    }
    var offsets = [Int](repeating: 0, count: parameters.count)
    var (end, trained): (Int, [TrainedRange]) = (0, [])
    for (rate, factor) in (rates.map(Optional.some) + [nil]).enumerated() {
      let start = (end + alignment - 1) / alignment * alignment
      var decayed = 0
      for index in order where ranks[index].0 == rate {
        offsets[index] = (end + alignment - 1) / alignment * alignment
        end = offsets[index] + parameters[index].count
        if parameters[index].group.decays { decayed = end - start }
      }
      if let factor {
        trained.append(
          TrainedRange(range: start..<end, decayedCount: decayed, rateFactor: factor))
      }
    }
    (self.offsets, self.trained, count) = (offsets, trained, end)
  }
}
