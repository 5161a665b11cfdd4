import Foundation

/// Softmax cross-entropy with soft targets in plain loops.
package struct SoftCrossEntropyReference<T: BinaryFloatingPoint> {
  package typealias Floats = UnsafeMutableBufferPointer<T>

  /// A teacher's states `[N, D']` and class weights `[rows, D']`, with the weight and temperature of its
  /// targets.
  package struct Teacher {
    let states: Floats
    let table: Floats
    let weight: T
    let temperature: T

    package init(states: Floats, table: Floats, weight: T, temperature: T) {
      (self.states, self.table) = (states, table)
      (self.weight, self.temperature) = (weight, temperature)
    }
  }

  let x: Floats
  let table: Floats
  let targets: UnsafeMutableBufferPointer<Int32>
  let classes: Range<Int>
  let smoothing: T
  let teacher: Teacher?
  let scale: T

  /// - Parameters:
  ///   - x: inputs `[N, D]`.
  ///   - table: class weights `[rows, D]`.
  ///   - targets: the row of each event's class; events whose target is not a class add nothing.
  package init(
    x: Floats, table: Floats, targets: UnsafeMutableBufferPointer<Int32>, firstClass: Int,
    classCount: Int, smoothing: T, teacher: Teacher?, scale: T
  ) {
    (self.x, self.table, self.targets) = (x, table, targets)
    classes = firstClass..<firstClass + classCount
    (self.smoothing, self.teacher, self.scale) = (smoothing, teacher, scale)
  }

  /// The loss; writes `inputGradient` and adds to `tableGradient` where given.
  package func run(inputGradient: Floats?, tableGradient: Floats?) -> T {
    let width = x.count / targets.count
    var total = 0.0
    inputGradient?.update(repeating: 0)
    for (event, target) in targets.enumerated() where classes.contains(Int(target)) {
      let (loss, weights) = terms(of: event, label: Int(target) - classes.lowerBound)
      total += loss
      for (row, weight) in zip(classes, weights) {
        for d in 0..<width {
          inputGradient?[event * width + d] += scale * weight * table[row * width + d]
          tableGradient?[row * width + d] += scale * weight * x[event * width + d]
        }
      }
    }
    return T(total) * scale
  }

  /// Loss of an event and its gradient by each score. Sums over many classes are taken in Double.
  private func terms(of event: Int, label: Int) -> (loss: Double, weights: [T]) {
    let count = T(classes.count)
    let scores = scores(of: event, x, table)
    let share = teacher?.weight ?? 0
    let logs = Self.logSoftmax(scores)
    var loss = 0.0
    var weights = logs.map { _ in T(0) }
    for (place, log) in logs.enumerated() {
      let target = (place == label ? 1 - smoothing : 0) + smoothing / count
      loss -= Double((1 - share) * target * log)
      weights[place] = (1 - share) * (Self.exponential(log) - target)
    }
    guard let teacher else { return (loss, weights) }
    let heat = teacher.temperature
    let own = Self.logSoftmax(scores.map { $0 / heat })
    let other = Self.logSoftmax(
      self.scores(of: event, teacher.states, teacher.table).map { $0 / heat })
    for place in own.indices {
      let target = Self.exponential(other[place])
      loss += Double(share * heat * heat * target * (other[place] - own[place]))
      weights[place] += share * heat * (Self.exponential(own[place]) - target)
    }
    return (loss, weights)
  }

  private func scores(of event: Int, _ states: Floats, _ table: Floats) -> [T] {
    let width = states.count / targets.count
    return classes.map { row in
      (0..<width).reduce(T(0)) { $0 + states[event * width + $1] * table[row * width + $1] }
    }
  }

  private static func logSoftmax(_ scores: [T]) -> [T] {
    let highest = scores.reduce(scores[0], T.maximum)
    let sum = scores.reduce(0.0) { $0 + Double(exponential($1 - highest)) }
    return scores.map { $0 - highest - T(log(sum)) }
  }

  private static func exponential(_ z: T) -> T { T(exp(Double(z))) }
}
