import ClseqOps
import ClseqTestSupport
import Testing

@Suite struct AttentionReferenceTests {
  /// Gradients of a weighted sum of the outputs, against central differences of each input.
  @Test(arguments: [AttentionMask.causal, .full, .window(2)], [Float(0), 0.3])
  func gradients(mask: AttentionMask, dropout: Float) {
    let arrays = DoubleAttention(mask: mask, dropout: dropout)
    _ = arrays.weightedSum()
    arrays.backward()
    for (input, gradient) in zip(arrays.inputs, arrays.gradients) {
      // The base of every gradient is 1.
      let expected = input.centralDifferences { arrays.weightedSum() }.map { $0 + 1 }
      #expect(largestError(gradient.values, expected) < Tolerance.centralDifference)
    }
  }
}

/// Three sequences whose queries and keys have different lengths, in Double.
private struct DoubleAttention {
  /// Queries, keys and values.
  let inputs: [HostArray<Double>]
  let gradients: [HostArray<Double>]
  private let problem: AttentionReference.Problem
  private let out: HostArray<Double>
  private let dout: HostArray<Double>
  private let logsumexp: HostArray<Double>
  private let width = 6

  init(mask: AttentionMask, dropout: Float) {
    let key = RandomKey(seed: 1, epoch: 5).layer("attention")
    problem = AttentionReference.Problem(
      queryOffsets: [0, 4, 6, 9], keyOffsets: [0, 3, 8, 10],
      sequences: [7, 7, 7, 7, 2, 2, 0, 0, 0], heads: 2, headWidth: 3, mask: mask,
      dropout: DropoutRate(dropout), key: dropout > 0 ? key : nil)
    var numbers = TestNumbers(seed: 1)
    let counts = [9 * width, 10 * width, 10 * width]
    inputs = counts.map { HostArray(numbers.doubles($0)) }
    gradients = counts.map { HostArray([Double](repeating: 1, count: $0)) }
    out = HostArray(count: 9 * width)
    dout = HostArray(numbers.doubles(9 * width))
    logsumexp = HostArray(count: 9 * 2)
  }

  func weightedSum() -> Double {
    AttentionReference.forward(
      problem, rows(inputs), out: out.buffer, logsumexp: logsumexp.buffer)
    return zip(out.values, dout.values).reduce(0) { $0 + $1.0 * $1.1 }
  }

  func backward() {
    AttentionReference.backward(
      problem, rows(inputs), dout: dout.buffer, out: out.buffer, logsumexp: logsumexp.buffer,
      gradients: (gradient(0), gradient(1), gradient(2)))
  }

  /// The base is the same memory.
  private func gradient(_ index: Int) -> AttentionReference.Gradient<Double> {
    let rows = AttentionReference.Rows(gradients[index].buffer, column: 0, stride: width)
    return (rows, rows)
  }

  private func rows(_ arrays: [HostArray<Double>]) -> AttentionReference.Inputs<Double> {
    let rows = arrays.map {
      AttentionReference.Rows($0.buffer, column: 0, stride: width)
    }
    return AttentionReference.Inputs(q: rows[0], k: rows[1], v: rows[2])
  }
}
