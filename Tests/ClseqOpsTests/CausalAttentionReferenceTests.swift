import ClseqOps
import ClseqTestSupport
import Testing

@Suite struct CausalAttentionReferenceTests {
  /// Gradients of a weighted sum of the outputs, against central differences of each input.
  @Test(arguments: [true, false], [Float(0), 0.3])
  func gradients(causal: Bool, dropout: Float) {
    let key = RandomKey(seed: 1, epoch: 5).layer("attention")
    let (heads, width, queries, keys) = (2, 3, 9, 10)
    let problem = CausalAttentionReference.Problem(
      queryOffsets: [0, 4, 6, 9], keyOffsets: [0, 3, 8, 10],
      sequences: [7, 7, 7, 7, 2, 2, 0, 0, 0], heads: heads, headWidth: width, causal: causal,
      dropout: DropoutRate(dropout), key: dropout > 0 ? key : nil)
    let arrays = Arrays(queries: queries, keys: keys, width: heads * width, heads: heads)
    arrays.forward(problem)
    arrays.backward(problem)
    for (array, gradient) in zip(arrays.inputs, arrays.gradients) {
      for index in array.indices {
        let value = array[index]
        array[index] = value + 1e-5
        let above = arrays.weightedSum(problem)
        array[index] = value - 1e-5
        let below = arrays.weightedSum(problem)
        array[index] = value
        // The base of every gradient is 1.
        #expect(
          abs((above - below) / 2e-5 - (gradient[index] - 1)) < Tolerance.centralDifference)
      }
    }
  }
}

/// Queries, keys, values, their gradients and the output in Double.
private final class Arrays {
  let inputs: [UnsafeMutableBufferPointer<Double>]
  let gradients: [UnsafeMutableBufferPointer<Double>]
  private let out: UnsafeMutableBufferPointer<Double>
  private let dout: UnsafeMutableBufferPointer<Double>
  private let logsumexp: UnsafeMutableBufferPointer<Double>
  private let width: Int

  init(queries: Int, keys: Int, width: Int, heads: Int) {
    func make(_ count: Int, _ seed: UInt32) -> UnsafeMutableBufferPointer<Double> {
      let array = UnsafeMutableBufferPointer<Double>.allocate(capacity: count)
      _ = array.initialize(from: randomValues(count, seed: seed).map(Double.init))
      return array
    }
    self.width = width
    let counts = [queries, keys, keys].map { $0 * width }
    inputs = [make(counts[0], 1), make(counts[1], 2), make(counts[2], 3)]
    gradients = counts.map { make($0, 0) }
    for gradient in gradients { gradient.update(repeating: 1) }
    out = make(queries * width, 0)
    dout = make(queries * width, 4)
    logsumexp = make(queries * heads, 0)
  }

  deinit {
    for array in inputs + gradients + [out, dout, logsumexp] { array.deallocate() }
  }

  func forward(_ problem: CausalAttentionReference.Problem) {
    CausalAttentionReference.forward(problem, rows(inputs), out: out, logsumexp: logsumexp)
  }

  func backward(_ problem: CausalAttentionReference.Problem) {
    CausalAttentionReference.backward(
      problem, rows(inputs), dout: dout, out: out, logsumexp: logsumexp,
      gradients: rows(gradients), bases: rows(gradients))
  }

  func weightedSum(_ problem: CausalAttentionReference.Problem) -> Double {
    forward(problem)
    return zip(out, dout).reduce(0) { $0 + $1.0 * $1.1 }
  }

  private func rows(
    _ arrays: [UnsafeMutableBufferPointer<Double>]
  ) -> CausalAttentionReference.Inputs<Double> {
    let rows = arrays.map { CausalAttentionReference.Rows($0, column: 0, stride: width) }
    return CausalAttentionReference.Inputs(q: rows[0], k: rows[1], v: rows[2])
  }
}
