import ClseqOps
import ClseqTestSupport
import Testing

/// Attention to keys and values that are kept apart from the queries.
@Suite struct KeysAndValuesTests {
  /// Over its own keys and values it is, bit by bit, attention inside sequences.
  @Test(arguments: TestBackend.allCases, [AttentionMask.causal, .full, .window(3)])
  func ofItsOwnRowsItIsSelfAttention(_ kind: TestBackend, _ mask: AttentionMask) throws {
    let backend = try kind.make()
    let (heads, lengths) = (3, [1, 65, 2, 17])
    for width in [33, 96] {
      var numbers = TestNumbers(seed: 8)
      let count = lengths.reduce(0, +)
      let qkv = try backend.tensor(numbers.floats(count * 3 * width), [count, 3 * width])
      let offsets = lengths.reduce(into: [0]) { $0.append($0[$0.count - 1] + Int32($1)) }
      let shape = RaggedShape(offsets: try backend.indices(offsets), lengths: lengths)
      let sequences = try backend.indices([Int32](repeating: 0, count: count))
      let tape = Tape(backend, mode: .inference)
      let expected = try tape.attention(
        qkv, shape: shape, sequences: sequences, heads: heads, mask: mask, dropout: 0, key: nil)
      let found = try tape.attention(
        qkv, keysAndValues: try backend.keysAndValues(of: qkv), queries: shape, keys: shape,
        sequences: sequences, heads: heads, mask: mask)
      #expect(try backend.read(found) == backend.read(expected))
    }
  }

  /// Rows are copied to their place, and the others stay.
  @Test(arguments: TestBackend.allCases, [1, 31, 64])
  func rowsAreCopiedToTheirPlace(_ kind: TestBackend, _ width: Int) throws {
    let backend = try kind.make()
    var numbers = TestNumbers(seed: 3)
    var values = numbers.floats(7 * width)
    let target = try backend.tensor(values, [7, width])
    for (row, count) in [(0, 2), (3, 1), (5, 2), (7, 0)] {
      let more = numbers.floats(count * width)
      try backend.copy(try backend.tensor(more, [count, width]), to: target, atRow: row)
      values.replaceSubrange(row * width..<(row + count) * width, with: more)
      #expect(try backend.read(target) == values)
    }
  }
}
