/// Windows of the last events, and maxima over them, in plain loops.
package enum CausalWindowReference {
  /// y[n, j D + c] = x[n − lag − (width − 1 − j) dilation, c], or 0 before the start of the sequence.
  package static func forward<T: BinaryFloatingPoint>(
    _ x: UnsafeMutableBufferPointer<T>, times: UnsafeMutableBufferPointer<Int32>,
    _ y: UnsafeMutableBufferPointer<T>, channels: Int, width: Int, dilation: Int,
    lag firstLag: Int
  ) {
    for (row, time) in times.enumerated() {
      for j in 0..<width {
        let lag = firstLag + (width - 1 - j) * dilation
        for c in 0..<channels {
          y[(row * width + j) * channels + c] =
            lag <= Int(time) ? x[(row - lag) * channels + c] : 0
        }
      }
    }
  }

  /// dx = base + for each value the sum of the elements of dy that it was copied to.
  package static func backward<T: BinaryFloatingPoint>(
    dy: UnsafeMutableBufferPointer<T>, times: UnsafeMutableBufferPointer<Int32>,
    base: UnsafeMutableBufferPointer<T>?, dx: UnsafeMutableBufferPointer<T>, channels: Int,
    width: Int, dilation: Int, lag firstLag: Int
  ) {
    for index in dx.indices { dx[index] = base?[index] ?? 0 }
    for (row, time) in times.enumerated() {
      for j in 0..<width {
        let lag = firstLag + (width - 1 - j) * dilation
        if lag > Int(time) { continue }
        for c in 0..<channels {
          dx[(row - lag) * channels + c] += dy[(row * width + j) * channels + c]
        }
      }
    }
  }

  /// y[n, c] = max over k < width of x[n − k, c]; `lags` becomes the largest k of the maximum.
  package static func maximum<T: BinaryFloatingPoint>(
    _ x: UnsafeMutableBufferPointer<T>, times: UnsafeMutableBufferPointer<Int32>,
    _ y: UnsafeMutableBufferPointer<T>, lags: UnsafeMutableBufferPointer<T>?, channels: Int,
    width: Int
  ) {
    for (row, time) in times.enumerated() {
      for c in 0..<channels {
        var lag = min(Int(time), width - 1)
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
    times: UnsafeMutableBufferPointer<Int32>, base: UnsafeMutableBufferPointer<T>?,
    dx: UnsafeMutableBufferPointer<T>, channels: Int, width: Int
  ) {
    for index in dx.indices { dx[index] = base?[index] ?? 0 }
    for index in dy.indices { dx[index - Int(lags[index]) * channels] += dy[index] }
  }
}
