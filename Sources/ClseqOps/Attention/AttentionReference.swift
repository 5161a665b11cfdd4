import Foundation

/// Scaled dot-product attention in plain loops.
package enum AttentionReference {
  /// Sizes, offsets, mask and dropout, apart from the arrays.
  package struct Problem {
    let queryOffsets: [Int]
    let keyOffsets: [Int]
    let sequences: [UInt32]
    let heads: Int
    let headWidth: Int
    let mask: AttentionMask
    let dropout: DropoutRate
    let key: LayerKey?

    /// - Parameter sequences: dataset sequence of each query.
    package init(
      queryOffsets: [Int], keyOffsets: [Int], sequences: [UInt32], heads: Int, headWidth: Int,
      mask: AttentionMask, dropout: DropoutRate, key: LayerKey?
    ) {
      self.queryOffsets = queryOffsets
      self.keyOffsets = keyOffsets
      self.sequences = sequences
      self.heads = heads
      self.headWidth = headWidth
      self.mask = mask
      self.dropout = dropout
      self.key = key
    }

    init(_ attention: RaggedAttention) {
      self.init(
        queryOffsets: attention.queries.offsets.values.map(Int.init),
        keyOffsets: attention.keys.offsets.values.map(Int.init),
        sequences: attention.sequences.values.map(UInt32.init(bitPattern:)),
        heads: attention.heads, headWidth: attention.headWidth, mask: attention.mask,
        dropout: attention.dropout, key: attention.key)
    }
  }

  /// Rows of queries, keys or values inside a larger array.
  package struct Rows<T: BinaryFloatingPoint> {
    let values: UnsafeMutableBufferPointer<T>
    let column: Int
    let stride: Int

    /// Row n begins at `n * stride + column`.
    package init(_ values: UnsafeMutableBufferPointer<T>, column: Int, stride: Int) {
      self.values = values
      self.column = column
      self.stride = stride
    }

    subscript(row: Int, channel: Int) -> T {
      get { values[row * stride + column + channel] }
      nonmutating set { values[row * stride + column + channel] = newValue }
    }
  }

  /// Queries, keys and values, or their gradients.
  package struct Inputs<T: BinaryFloatingPoint> {
    let q: Rows<T>
    let k: Rows<T>
    let v: Rows<T>

    /// Three arrays, or three places of one.
    package init(q: Rows<T>, k: Rows<T>, v: Rows<T>) {
      self.q = q
      self.k = k
      self.v = v
    }
  }

  /// out[i] = Σ_j drop(p[i][j]) v[j], p[i] = softmax_j(q[i] · k[j] / √K), and the logarithms of the
  /// softmax sums. A query that sees no key gets zeros and minus infinity.
  package static func forward<T: BinaryFloatingPoint>(
    _ problem: Problem, _ inputs: Inputs<T>, out: UnsafeMutableBufferPointer<T>,
    logsumexp: UnsafeMutableBufferPointer<T>
  ) {
    let (heads, width) = (problem.heads, problem.headWidth)
    problem.forEachQuery { query in
      let scores = query.keys.map { score(inputs, query, key: $0, width) }
      let maximum = scores.max() ?? 0
      let sum = scores.reduce(T(0)) { $0 + exponential($1 - maximum) }
      let logarithm = scores.isEmpty ? -T.infinity : maximum + T(log(Double(sum)))
      logsumexp[query.row * heads + query.head] = logarithm
      for c in 0..<width {
        var value: T = 0
        for (key, score) in zip(query.keys, scores) {
          let weight = exponential(score - logarithm) * problem.dropoutFactor(query, key: key)
          value += weight * inputs.v[key, query.head * width + c]
        }
        out[(query.row * heads + query.head) * width + c] = value
      }
    }
  }

  /// The rows of a gradient, and what is added to it, if anything: it may be the same memory.
  package typealias Gradient<T: BinaryFloatingPoint> = (out: Rows<T>, base: Rows<T>?)

  /// Gradients laid out as their inputs.
  package static func backward<T: BinaryFloatingPoint>(
    _ problem: Problem, _ inputs: Inputs<T>, dout: UnsafeMutableBufferPointer<T>,
    out: UnsafeMutableBufferPointer<T>, logsumexp: UnsafeMutableBufferPointer<T>,
    gradients: (q: Gradient<T>, k: Gradient<T>, v: Gradient<T>)
  ) {
    let (heads, width) = (problem.heads, problem.headWidth)
    start(gradients.q, rows: problem.queryOffsets, heads * width)
    start(gradients.k, rows: problem.keyOffsets, heads * width)
    start(gradients.v, rows: problem.keyOffsets, heads * width)
    let (dq, dk, dv) = (gradients.q.out, gradients.k.out, gradients.v.out)
    let scale = 1 / T(width).squareRoot()
    problem.forEachQuery { query in
      let (row, first) = (query.row, query.head * width)
      let place = row * heads * width + first
      var delta: T = 0
      for c in 0..<width { delta += dout[place + c] * out[place + c] }
      for key in query.keys {
        let p = exponential(
          score(inputs, query, key: key, width) - logsumexp[row * heads + query.head])
        let factor: T = problem.dropoutFactor(query, key: key)
        var dp: T = 0
        for c in 0..<width { dp += dout[place + c] * inputs.v[key, first + c] }
        let ds = p * (dp * factor - delta) * scale
        for c in first..<first + width {
          dv[key, c] += p * factor * dout[row * heads * width + c]
          dq[row, c] += ds * inputs.k[key, c]
          dk[key, c] += ds * inputs.q[row, c]
        }
      }
    }
  }

  private static func score<T: BinaryFloatingPoint>(
    _ inputs: Inputs<T>, _ query: Problem.Query, key: Int, _ width: Int
  ) -> T {
    var sum: T = 0
    for c in query.head * width..<(query.head + 1) * width {
      sum += inputs.q[query.row, c] * inputs.k[key, c]
    }
    return sum / T(width).squareRoot()
  }

  private static func start<T: BinaryFloatingPoint>(
    _ gradient: Gradient<T>, rows offsets: [Int], _ width: Int
  ) {
    for row in 0..<(offsets.last ?? 0) {
      for c in 0..<width { gradient.out[row, c] = gradient.base?[row, c] ?? 0 }
    }
  }

  private static func exponential<T: BinaryFloatingPoint>(_ x: T) -> T { T(exp(Double(x))) }
}

extension AttentionReference.Problem {
  /// One query of one head, and the rows of the keys that it sees.
  struct Query {
    let row: Int
    let head: Int
    let time: Int
    let keys: Range<Int>
    let firstKey: Int
  }

  func forEachQuery(_ body: (Query) -> Void) {
    for b in 0..<queryOffsets.count - 1 {
      let queries = queryOffsets[b]..<queryOffsets[b + 1]
      let keys = keyOffsets[b]..<keyOffsets[b + 1]
      for head in 0..<heads {
        for (time, row) in queries.enumerated() {
          let end = max(
            keys.lowerBound, keys.upperBound - (mask == .full ? 0 : queries.count - 1 - time))
          let first = mask.window.map { max(keys.lowerBound, end - $0) } ?? keys.lowerBound
          body(
            Query(
              row: row, head: head, time: time, keys: first..<end, firstKey: keys.lowerBound))
        }
      }
    }
  }

  /// The factor of a softmax weight: 0 if dropped, else 1 / (1 - probability).
  func dropoutFactor<T: BinaryFloatingPoint>(_ query: Query, key row: Int) -> T {
    guard let key else { return 1 }
    let time = row - query.firstKey
    let words = Philox.block(
      SIMD4(
        UInt32(time / 4), UInt32(query.time), sequences[query.row],
        key.epoch << 8 | UInt32(query.head)), key: key.key)
    return words[time % 4] < dropout.threshold ? 0 : T(dropout.scale)
  }
}

extension AttentionRows {
  fileprivate var reference: AttentionReference.Rows<Float> { reference(in: tensor) }

  /// The same rows of an array of the same layout.
  fileprivate func reference(in tensor: Tensor) -> AttentionReference.Rows<Float> {
    .init(tensor.floats, column: column, stride: stride)
  }

  fileprivate func gradient(_ slot: Tape.GradientSlot) -> AttentionReference.Gradient<Float> {
    (reference(in: slot.out), slot.addend.map(reference))
  }
}

extension AttentionInputs {
  /// The arrays of a reference backend.
  var referenceRows: AttentionReference.Inputs<Float> {
    .init(q: q.reference, k: k.reference, v: v.reference)
  }

  /// The rows of their gradients.
  func referenceRows(_ gradients: AttentionGradients) -> (
    q: AttentionReference.Gradient<Float>, k: AttentionReference.Gradient<Float>,
    v: AttentionReference.Gradient<Float>
  ) {
    (q.gradient(gradients.q), k.gradient(gradients.k), v.gradient(gradients.v))
  }
}
