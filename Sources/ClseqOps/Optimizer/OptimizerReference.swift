/// Optimisers in plain loops.
enum OptimizerReference {
  /// norm = the length of the gradient, and the factor that clips it.
  static func norm(
    _ gradients: UnsafeMutableBufferPointer<Float>, _ norm: UnsafeMutableBufferPointer<Float>,
    maximumNorm: Float
  ) {
    var squares = 0.0
    for g in gradients { squares += Double(g) * Double(g) }
    let length = Float(squares.squareRoot())
    norm[0] = length
    norm[1] = maximumNorm > 0 ? min(1, maximumNorm / (length + 1e-6)) : 1
  }

  /// One step of a range: the first `decayedCount` values by `now`, the others by `undecayed`. A table in bf16
  /// is computed in float32, and rounded at random.
  ///
  /// - Parameter arrays: values, gradients, first and second moments.
  static func step(
    _ arrays: [Tensor], _ decayedCount: Int, _ norm: UnsafeMutableBufferPointer<Float>,
    _ now: OptimizerStep, undecayed: OptimizerStep, _ rounding: TableRounding?, on backend: Backend
  ) throws {
    let tensors = try arrays.map(backend.floatTable)
    withExtendedLifetime(tensors) {
      let floats = tensors.map(\.floats)
      step(floats, 0..<decayedCount, norm, now)
      step(floats, decayedCount..<floats[0].count, norm, undecayed)
      guard let rounding else { return }
      let halves = [0, 2, 3].map { (floats: floats[$0], halves: arrays[$0].halves) }
      for i in halves[0].halves.indices {
        let words = rounding.words(i)
        for (place, array) in halves.enumerated() {
          array.halves[i] = BFloat16Reference.round(array.floats[i], random: words[place])
        }
      }
    }
  }

  /// One step of some values with the norm from `norm(_:_:maximumNorm:)`; none if the norm is not finite.
  ///
  /// - Parameter arrays: values, gradients, first and second moments.
  static func step(
    _ arrays: [UnsafeMutableBufferPointer<Float>], _ places: Range<Int>,
    _ norm: UnsafeMutableBufferPointer<Float>, _ now: OptimizerStep
  ) {
    guard norm[0].isFinite else { return }
    let (p, gradients, m, v) = (arrays[0], arrays[1], arrays[2], arrays[3])
    for i in places {
      let g = gradients[i] * norm[1]
      switch now {
      case .adamW(let numbers):
        let change = adamChange(g, &m[i], &v[i], numbers)
        p[i] = p[i] * numbers.decay - change
      case .adam(let numbers):
        p[i] -= adamChange(g + numbers.decay * p[i], &m[i], &v[i], numbers)
      case .sgd(let numbers):
        let decayed = g + numbers.decay * p[i]
        m[i] = numbers.momentum * m[i] + decayed
        p[i] -= numbers.gradientRate * decayed + numbers.momentumRate * m[i]
      }
    }
  }

  private static func adamChange(
    _ g: Float, _ m: inout Float, _ v: inout Float, _ now: AdamNumbers
  ) -> Float {
    m += now.weight1 * (g - m)
    v = now.beta2 * v + now.weight2 * g * g
    let root = v.squareRoot() * now.rootCorrection + now.epsilon
    return now.stepSize * m / root
  }
}
