import Foundation

/// Losses of rows in plain loops.
package enum RowLossReference {
  /// A `RowLoss` over plain arrays.
  package enum Kind<T: BinaryFloatingPoint> {
    case softmax(
      targets: UnsafeMutableBufferPointer<Int32>, classWeights: UnsafeMutableBufferPointer<T>?)
    case binary(targets: UnsafeMutableBufferPointer<T>)
    case squared(targets: UnsafeMutableBufferPointer<T>)
    case absolute(targets: UnsafeMutableBufferPointer<T>)
    case huber(targets: UnsafeMutableBufferPointer<T>, delta: T)
    case hazard(
      bins: UnsafeMutableBufferPointer<Int32>, observed: UnsafeMutableBufferPointer<Int32>)
  }

  /// scale · Σ_n weights[n] loss_n of outputs `[S, width]`; writes the gradient where given.
  package static func run<T: BinaryFloatingPoint>(
    _ outputs: UnsafeMutableBufferPointer<T>, width: Int, _ kind: Kind<T>,
    weights: UnsafeMutableBufferPointer<T>?, scale: T, gradient: UnsafeMutableBufferPointer<T>?
  ) -> T {
    var total: T = 0
    for row in 0..<(width == 0 ? 0 : outputs.count / width) {
      let places = row * width..<(row + 1) * width
      let (loss, slopes) = terms(Array(outputs[places]), row, kind)
      let factor = scale * (weights?[row] ?? 1)
      total += factor * loss
      for (place, slope) in zip(places, slopes) { gradient?[place] = factor * slope }
    }
    return total
  }

  /// The loss of a row of outputs `z`, and its derivatives.
  private static func terms<T: BinaryFloatingPoint>(
    _ z: [T], _ row: Int, _ kind: Kind<T>
  ) -> (loss: T, slopes: [T]) {
    switch kind {
    case .softmax(let targets, let classWeights):
      let target = Int(targets[row])
      guard z.indices.contains(target) else { return (0, z.map { _ in 0 }) }
      return softmax(z, target, weight: classWeights?[target] ?? 1)
    case .hazard(let bins, let observed):
      let bin = Int(bins[row])
      return sum(z) { column, value in
        if column == bin && observed[row] != 0 { return binary(value, 1) }
        return column < bin ? binary(value, 0) : (0, 0)
      }
    case .binary(let targets): return sum(z) { binary($1, targets[row * z.count + $0]) }
    case .squared(let targets):
      return sum(z) { column, value in
        let gap = value - targets[row * z.count + column]
        return (gap * gap, 2 * gap)
      }
    case .absolute(let targets):
      return sum(z) { column, value in
        let gap = value - targets[row * z.count + column]
        return (abs(gap), gap > 0 ? 1 : gap < 0 ? -1 : 0)
      }
    case .huber(let targets, let delta):
      return sum(z) { column, value in
        let gap = value - targets[row * z.count + column]
        if abs(gap) <= delta { return (gap * gap / 2, gap) }
        return (delta * (abs(gap) - delta / 2), gap > 0 ? delta : -delta)
      }
    }
  }

  private static func sum<T: BinaryFloatingPoint>(
    _ z: [T], _ term: (_ column: Int, _ value: T) -> (T, T)
  ) -> (loss: T, slopes: [T]) {
    let terms = z.enumerated().map { term($0, $1) }
    return (terms.reduce(0) { $0 + $1.0 }, terms.map(\.1))
  }

  private static func softmax<T: BinaryFloatingPoint>(
    _ z: [T], _ target: Int, weight: T
  ) -> (loss: T, slopes: [T]) {
    let maximum = z.reduce(z[0], T.maximum)
    let powers = z.map { T(exp(Double($0 - maximum))) }
    let sum = powers.reduce(0, +)
    let slopes = powers.enumerated().map { weight * ($1 / sum - ($0 == target ? 1 : 0)) }
    return (weight * (T(log(Double(sum))) + (maximum - z[target])), slopes)
  }

  /// softplus(z) − t z and its derivative.
  private static func binary<T: BinaryFloatingPoint>(_ z: T, _ t: T) -> (T, T) {
    let power = exp(-abs(Double(z)))
    let sigmoid = (z < 0 ? power : 1) / (1 + power)
    return (max(z, 0) - z * t + T(log1p(power)), T(sigmoid) - t)
  }
}
