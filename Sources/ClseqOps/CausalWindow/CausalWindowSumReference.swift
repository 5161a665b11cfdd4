/// Weighted sums over the last events in plain loops.
package enum CausalWindowSumReference {
  /// y[n, f D + c] = Σ_l weights[f, l] x[n − (width − 1) + l, c] inside the sequence.
  package static func forward<T: BinaryFloatingPoint>(
    _ x: UnsafeMutableBufferPointer<T>, weights: UnsafeMutableBufferPointer<T>,
    times: UnsafeMutableBufferPointer<Int32>, _ y: UnsafeMutableBufferPointer<T>, channels: Int,
    width: Int
  ) {
    y.update(repeating: 0)
    forEachTerm(times, filters: weights.count / width, channels, width) { out, weight, input in
      y[out] += weights[weight] * x[input]
    }
  }

  /// dx = base + the gradients of each value's terms; `dweights` is added to.
  package static func backward<T: BinaryFloatingPoint>(
    dy: UnsafeMutableBufferPointer<T>, x: UnsafeMutableBufferPointer<T>,
    weights: UnsafeMutableBufferPointer<T>, times: UnsafeMutableBufferPointer<Int32>,
    base: UnsafeMutableBufferPointer<T>?, dx: UnsafeMutableBufferPointer<T>,
    dweights: UnsafeMutableBufferPointer<T>, channels: Int, width: Int
  ) {
    for index in dx.indices { dx[index] = base?[index] ?? 0 }
    forEachTerm(times, filters: weights.count / width, channels, width) { out, weight, input in
      dx[input] += weights[weight] * dy[out]
      dweights[weight] += dy[out] * x[input]
    }
  }

  /// The indices in y, weights and x of every product of the sums.
  private static func forEachTerm(
    _ times: UnsafeMutableBufferPointer<Int32>, filters: Int, _ channels: Int, _ width: Int,
    _ body: (_ out: Int, _ weight: Int, _ input: Int) -> Void
  ) {
    for (row, time) in times.enumerated() {
      for f in 0..<filters {
        for lag in (0...min(Int(time), width - 1)).reversed() {
          for c in 0..<channels {
            body(
              (row * filters + f) * channels + c, f * width + width - 1 - lag,
              (row - lag) * channels + c)
          }
        }
      }
    }
  }
}
