import Foundation

/// The sampled losses in plain loops.
package struct SampledLossReference<T: BinaryFloatingPoint> {
  package typealias Floats = UnsafeMutableBufferPointer<T>

  let x: Floats
  let table: Floats
  let targets: UnsafeMutableBufferPointer<Int32>
  let negatives: UnsafeMutableBufferPointer<Int32>
  let isPerEvent: Bool
  let logCounts: Floats?
  let targetLogCounts: Floats?
  let kind: SampledLossKind
  let classes: Range<Int>
  let scale: T

  /// - Parameters:
  ///   - x: inputs `[N, D]`.
  ///   - table: item vectors `[rows, D]`.
  ///   - targets: the row of each event's target; events whose target is not a class add
  ///     nothing.
  ///   - negatives: rows `[K]`, or `[N · k]` with `isPerEvent`.
  ///   - logCounts: subtracted from the negatives' scores, as many as `negatives`.
  ///   - targetLogCounts: subtracted from the targets' scores, `[N]`.
  package init(
    x: Floats, table: Floats, targets: UnsafeMutableBufferPointer<Int32>,
    negatives: UnsafeMutableBufferPointer<Int32>, isPerEvent: Bool, logCounts: Floats?,
    targetLogCounts: Floats?, kind: SampledLossKind, firstClass: Int, classCount: Int, scale: T
  ) {
    self.x = x
    self.table = table
    self.targets = targets
    self.negatives = negatives
    self.isPerEvent = isPerEvent
    self.logCounts = logCounts
    self.targetLogCounts = targetLogCounts
    self.kind = kind
    classes = firstClass..<firstClass + classCount
    self.scale = scale
  }

  private var width: Int { x.count / targets.count }
  private var countPerEvent: Int {
    isPerEvent ? negatives.count / targets.count : negatives.count
  }

  /// The loss; writes `inputGradient` and adds to `tableGradient` where given.
  package func run(inputGradient: Floats?, tableGradient: Floats?) -> T {
    var total: T = 0
    inputGradient?.update(repeating: 0)
    for (event, target) in targets.enumerated() where classes.contains(Int(target)) {
      let first = isPerEvent ? event * countPerEvent : 0
      let places = (first..<first + countPerEvent).filter { negatives[$0] != target }
      let score = dot(event, Int(target)) - (targetLogCounts?[event] ?? 0)
      let scores = places.map { dot(event, Int(negatives[$0])) - (logCounts?[$0] ?? 0) }
      let (loss, gradient, gradients) = terms(score, scores)
      total += loss
      let rows = [Int(target)] + places.map { Int(negatives[$0]) }
      for (row, gradient) in zip(rows, [gradient] + gradients) {
        for d in 0..<width {
          inputGradient?[event * width + d] += scale * gradient * table[row * width + d]
          tableGradient?[row * width + d] += scale * gradient * x[event * width + d]
        }
      }
    }
    return total * scale
  }

  private func dot(_ event: Int, _ row: Int) -> T {
    (0..<width).reduce(T(0)) { $0 + x[event * width + $1] * table[row * width + $1] }
  }

  /// Loss of one event, and its gradients by the target's score and by the negatives' scores.
  private func terms(_ score: T, _ scores: [T]) -> (loss: T, target: T, negatives: [T]) {
    switch kind {
    case .sampledSoftmax:
      let highest = scores.reduce(score, T.maximum)
      let weights = scores.map { Self.exponential($0 - highest) }
      let sum = weights.reduce(Self.exponential(score - highest), +)
      let probabilities = weights.map { $0 / sum }
      return (
        T(log(Double(sum))) + (highest - score), -probabilities.reduce(0, +), probabilities
      )
    case .binary, .generalizedBinary:
      let weight = T(kind.targetWeight(negativeCount: countPerEvent, classCount: classes.count))
      let loss = scores.reduce(weight * Self.softplus(-score)) { $0 + Self.softplus($1) }
      return (loss, -weight * Self.sigmoid(-score), scores.map { Self.sigmoid($0) })
    case .pairwise:
      guard !scores.isEmpty else { return (0, 0, []) }
      let weight = 1 / T(scores.count)
      let gradients = scores.map { weight * Self.sigmoid($0 - score) }
      let loss = scores.reduce(T(0)) { $0 + weight * Self.softplus($1 - score) }
      return (loss, -gradients.reduce(0, +), gradients)
    }
  }

  private static func exponential(_ z: T) -> T { T(exp(Double(z))) }

  /// log(1 + eᶻ) without overflow.
  private static func softplus(_ z: T) -> T {
    T.maximum(z, 0) + T(log1p(exp(-abs(Double(z)))))
  }

  private static func sigmoid(_ z: T) -> T {
    let power = exp(-abs(Double(z)))
    return T(z < 0 ? power / (1 + power) : 1 / (1 + power))
  }
}
