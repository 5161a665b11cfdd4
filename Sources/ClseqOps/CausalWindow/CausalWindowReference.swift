/// Sums and maxima over the last events in plain loops.
package enum CausalWindowReference {
  /// The windows that end at each row of an `[N, channels]`.
  package struct Window {
    let times: UnsafeMutableBufferPointer<Int32>
    let channels: Int
    let width: Int
    let dilation: Int
    let lag: Int

    package init(
      times: UnsafeMutableBufferPointer<Int32>, channels: Int, width: Int, dilation: Int = 1,
      lag: Int = 0
    ) {
      (self.times, self.channels, self.width) = (times, channels, width)
      (self.dilation, self.lag) = (dilation, lag)
    }

    /// The indices in y, weights and x of every product of the sums; without weights an event is
    /// multiplied by one.
    fileprivate func forEachTerm(
      filters: Int, hasWeights: Bool, _ body: (_ out: Int, _ weight: Int, _ input: Int) -> Void
    ) {
      for (row, time) in times.enumerated() {
        for f in 0..<filters {
          for l in hasWeights ? 0..<width : f..<f + 1 {
            let lag = lag + (width - 1 - l) * dilation
            if lag > Int(time) { continue }
            for c in 0..<channels {
              body((row * filters + f) * channels + c, f * width + l, (row - lag) * channels + c)
            }
          }
        }
      }
    }
  }

  /// y[n, f D + c] = Σ_l weights[f, l] x[n − lag − (width − 1 − l) dilation, c] inside the sequence.
  package static func sums<T: BinaryFloatingPoint>(
    _ x: UnsafeMutableBufferPointer<T>, weights: UnsafeMutableBufferPointer<T>?,
    _ y: UnsafeMutableBufferPointer<T>, _ window: Window
  ) {
    let filters = weights.map { $0.count / window.width } ?? window.width
    y.update(repeating: 0)
    window.forEachTerm(filters: filters, hasWeights: weights != nil) { out, weight, input in
      y[out] += (weights?[weight] ?? 1) * x[input]
    }
  }

  /// dx = base + the gradients of each value's terms; `dweights` is added to.
  package static func sumsBackward<T: BinaryFloatingPoint>(
    dy: UnsafeMutableBufferPointer<T>, x: UnsafeMutableBufferPointer<T>,
    weights: UnsafeMutableBufferPointer<T>?, base: UnsafeMutableBufferPointer<T>?,
    dx: UnsafeMutableBufferPointer<T>, dweights: UnsafeMutableBufferPointer<T>?, _ window: Window
  ) {
    let filters = weights.map { $0.count / window.width } ?? window.width
    for index in dx.indices { dx[index] = base?[index] ?? 0 }
    window.forEachTerm(filters: filters, hasWeights: weights != nil) { out, weight, input in
      dx[input] += (weights?[weight] ?? 1) * dy[out]
      dweights?[weight] += dy[out] * x[input]
    }
  }

  /// y[n, c] = max over k < width of x[n − k, c]; `lags` becomes the largest k of the maximum.
  package static func maximum<T: BinaryFloatingPoint>(
    _ x: UnsafeMutableBufferPointer<T>, _ y: UnsafeMutableBufferPointer<T>,
    lags: UnsafeMutableBufferPointer<T>?, _ window: Window
  ) {
    let channels = window.channels
    for (row, time) in window.times.enumerated() {
      for c in 0..<channels {
        var lag = min(Int(time), window.width - 1)
        var maximum = x[(row - lag) * channels + c]
        for k in (0..<lag).reversed() {
          let value = x[(row - k) * channels + c]
          if value > maximum || value.isNaN { (maximum, lag) = (value, k) }
        }
        y[row * channels + c] = maximum
        lags?[row * channels + c] = T(lag)
      }
    }
  }

  /// dx = base + dy of every maximum, at the event that has it.
  package static func maximumBackward<T: BinaryFloatingPoint>(
    dy: UnsafeMutableBufferPointer<T>, lags: UnsafeMutableBufferPointer<T>,
    base: UnsafeMutableBufferPointer<T>?, dx: UnsafeMutableBufferPointer<T>, _ window: Window
  ) {
    for index in dx.indices { dx[index] = base?[index] ?? 0 }
    for index in dy.indices { dx[index - Int(lags[index]) * window.channels] += dy[index] }
  }
}
