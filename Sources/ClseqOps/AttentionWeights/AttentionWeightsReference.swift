import Foundation

/// Attention weights of the last events in plain loops.
package enum AttentionWeightsReference {
  /// weights[m, h] = softmax_m(q[last, h] · k[m, h] / √width) over the last `window` events of each sequence.
  package static func run<T: BinaryFloatingPoint>(
    _ qkv: UnsafeMutableBufferPointer<T>, offsets: UnsafeMutableBufferPointer<Int32>,
    _ weights: UnsafeMutableBufferPointer<T>, heads: Int, width: Int,
    window: Int
  ) {
    let stride = 3 * heads * width
    for (first, end) in zip(offsets, offsets.dropFirst()) where first < end {
      let events = max(Int(first), Int(end) - window)..<Int(end)
      for row in Int(first) * heads..<events.lowerBound * heads { weights[row] = 0 }
      for head in 0..<heads {
        let query = (Int(end) - 1) * stride + head * width
        let scores = events.map { event in
          let key = event * stride + (heads + head) * width
          let sum = (0..<width).reduce(T(0)) { $0 + qkv[query + $1] * qkv[key + $1] }
          return sum / T(width).squareRoot()
        }
        let maximum = scores.reduce(scores[0], T.maximum)
        let powers = scores.map { T(exp(Double($0 - maximum))) }
        let sum = powers.reduce(0, +)
        for (event, power) in zip(events, powers) { weights[event * heads + head] = power / sum }
      }
    }
  }
}
