/// Convolutions over the last events in plain loops; `causal_convolution.cl` has the formulas.
package enum CausalConvolutionReference {
  /// y of all events.
  package static func forward<T: BinaryFloatingPoint>(
    _ x: UnsafeMutableBufferPointer<T>, weights: UnsafeMutableBufferPointer<T>,
    bias: UnsafeMutableBufferPointer<T>, _ y: UnsafeMutableBufferPointer<T>,
    times: UnsafeMutableBufferPointer<Int32>, spacing: Int
  ) {
    let channels = bias.count
    forEachTerm(channels, weights, times) { n, k, c in
      if k == 0 { y[n * channels + c] = bias[c] }
      y[n * channels + c] +=
        weights[k * channels + c] * x[(n * spacing + spacing - 1 - k) * channels + c]
    }
  }

  /// dx = base + the gradients; those of the parameters are added to.
  package static func backward<T: BinaryFloatingPoint>(
    dy: UnsafeMutableBufferPointer<T>, _ x: UnsafeMutableBufferPointer<T>,
    weights: UnsafeMutableBufferPointer<T>, base: UnsafeMutableBufferPointer<T>?,
    dx: UnsafeMutableBufferPointer<T>, dweights: UnsafeMutableBufferPointer<T>,
    dbias: UnsafeMutableBufferPointer<T>, times: UnsafeMutableBufferPointer<Int32>
  ) {
    let channels = dbias.count
    for index in dx.indices { dx[index] = base?[index] ?? 0 }
    forEachTerm(channels, weights, times) { n, k, c in
      let (gradient, input) = (dy[n * channels + c], (n - k) * channels + c)
      if k == 0 { dbias[c] += gradient }
      dx[input] += weights[k * channels + c] * gradient
      dweights[k * channels + c] += gradient * x[input]
    }
  }

  /// Every event n, distance k to an earlier one that exists, and channel c.
  private static func forEachTerm<T>(
    _ channels: Int, _ weights: UnsafeMutableBufferPointer<T>,
    _ times: UnsafeMutableBufferPointer<Int32>, _ body: (_ n: Int, _ k: Int, _ c: Int) -> Void
  ) {
    for (n, time) in times.enumerated() {
      for k in 0...min(Int(time), weights.count / channels - 1) {
        for c in 0..<channels { body(n, k, c) }
      }
    }
  }
}
