import Foundation

/// Softmax cross-entropy of a linear classifier in plain loops.
package enum LinearCrossEntropyReference {
  /// The loss; writes `inputGradient` and `eventLosses`, and adds to `tableGradient`, where given.
  ///
  /// - Parameters:
  ///   - x: inputs `[N, D]`.
  ///   - table: class weights `[rows, D]`.
  ///   - targets: the row of each event's class; events whose target is not a class add nothing.
  package static func run<T: BinaryFloatingPoint>(
    x: UnsafeMutableBufferPointer<T>, table: UnsafeMutableBufferPointer<T>,
    targets: UnsafeMutableBufferPointer<Int32>, firstClass: Int, classCount: Int, scale: T,
    inputGradient: UnsafeMutableBufferPointer<T>?, tableGradient: UnsafeMutableBufferPointer<T>?,
    eventLosses: UnsafeMutableBufferPointer<T>? = nil
  ) -> T {
    let width = x.count / targets.count
    let classes = firstClass..<firstClass + classCount
    var total: T = 0
    inputGradient?.update(repeating: 0)
    eventLosses?.update(repeating: 0)
    for (event, target) in targets.enumerated() where classes.contains(Int(target)) {
      let input = UnsafeMutableBufferPointer(rebasing: x[event * width..<(event + 1) * width])
      var scores = classes.map { row in
        (0..<width).reduce(T(0)) { $0 + input[$1] * table[row * width + $1] }
      }
      let targetScore = scores[Int(target) - firstClass]
      let highest = scores.reduce(scores[0], T.maximum)
      var sum: T = 0
      for index in scores.indices {
        scores[index] = T(exp(Double(scores[index] - highest)))
        sum += scores[index]
      }
      let loss = T(log(Double(sum))) + (highest - targetScore)
      total += loss
      eventLosses?[event] = loss
      for (row, weight) in zip(classes, scores) {
        let gradient = scale * (weight / sum - (row == Int(target) ? 1 : 0))
        for d in 0..<width {
          inputGradient?[event * width + d] += gradient * table[row * width + d]
          tableGradient?[row * width + d] += gradient * input[d]
        }
      }
    }
    return total * scale
  }
}
