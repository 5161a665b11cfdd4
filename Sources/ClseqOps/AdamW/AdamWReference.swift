/// AdamW in plain loops.
enum AdamWReference {
  static func step(
    parameters p: UnsafeMutableBufferPointer<Float>, gradients: UnsafeMutableBufferPointer<Float>,
    firstMoments m: UnsafeMutableBufferPointer<Float>,
    secondMoments v: UnsafeMutableBufferPointer<Float>, norm: UnsafeMutableBufferPointer<Float>,
    _ now: AdamWStep
  ) {
    var squares = 0.0
    for g in gradients { squares += Double(g) * Double(g) }
    let length = Float(squares.squareRoot())
    let clip = now.maximumNorm > 0 ? min(1, now.maximumNorm / (length + 1e-6)) : 1
    for i in p.indices {
      let g = gradients[i] * clip
      m[i] += now.rest1 * (g - m[i])
      v[i] = now.beta2 * v[i] + now.rest2 * g * g
      let root = v[i].squareRoot() * now.rootCorrection + now.epsilon
      p[i] = p[i] * now.decay - now.stepSize * m[i] / root
    }
    norm[0] = length
    norm[1] = clip
  }
}
