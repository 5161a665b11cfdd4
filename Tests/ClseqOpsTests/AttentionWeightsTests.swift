import ClseqOps
import ClseqTestSupport
import Testing

@Suite struct AttentionWeightsTests {
  private static let lengths = [1, 2, 0, 63, 64, 65, 300]

  private func weights(
    _ kind: TestBackend, heads: Int, width: Int, mask: AttentionMask = .causal
  ) throws -> (weights: [Float], qkv: [Float]) {
    let backend = try kind.make()
    let before = backend.bytesInUse
    var numbers = TestNumbers(seed: UInt64(width))
    let n = Self.lengths.reduce(0, +)
    let qkv = numbers.floats(n * 3 * heads * width)
    let weights = try backend.read(
      try backend.attentionWeights(
        try backend.tensor(qkv, [n, 3 * heads * width]),
        offsets: try backend.indices(cumulative(Self.lengths)), heads: heads, mask: mask))
    #expect(backend.bytesInUse == before)
    return (weights, qkv)
  }

  @Test(arguments: TestBackend.onDevice, [1, 31, 32, 33, 64, 65])
  func deviceMatchesReference(_ kind: TestBackend, width: Int) throws {
    for mask in [AttentionMask.causal, .window(50)] {
      let actual = try weights(kind, heads: 2, width: width, mask: mask).weights
      let expected = try weights(.reference, heads: 2, width: width, mask: mask).weights
      #expect(largestError(actual, expected) < Tolerance.sums)
    }
  }

  /// The sum of the values with these weights is attention's output for the last event of each
  /// sequence.
  @Test(arguments: TestBackend.allCases, [AttentionMask.causal, .window(20)])
  func explainTheOutputOfAttention(_ kind: TestBackend, mask: AttentionMask) throws {
    let backend = try kind.make()
    let (heads, width) = (2, 8)
    let (weights, qkv) = try weights(kind, heads: heads, width: width, mask: mask)
    let n = Self.lengths.reduce(0, +)
    let offsets = cumulative(Self.lengths)
    let tape = Tape(backend, mode: .inference)
    let out = try backend.read(
      try tape.attention(
        try backend.tensor(qkv, [n, 3 * heads * width]),
        shape: RaggedShape(offsets: try backend.indices(offsets), lengths: Self.lengths),
        sequences: try backend.indices([Int32](repeating: 0, count: n)), heads: heads, mask: mask,
        dropout: 0, key: nil))
    let d = heads * width
    for (first, end) in zip(offsets, offsets.dropFirst()) where first < end {
      let events = Int(first)..<Int(end)
      var expected = [Float](repeating: 0, count: d)
      for m in events {
        for c in 0..<d {
          expected[c] += weights[m * heads + c / width] * qkv[m * 3 * d + 2 * d + c]
        }
      }
      let last = Array(out[(Int(end) - 1) * d..<Int(end) * d])
      #expect(largestError(last, expected) < Double(Tolerance.attention))
    }
  }
}
