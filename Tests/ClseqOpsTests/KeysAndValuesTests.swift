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

  /// Keys and values side by side have the results and the gradients of two arrays, bit by bit.
  @Test(arguments: TestBackend.allCases, [AttentionMask.full, .causal])
  func sideBySideTheyAreTwoArrays(_ kind: TestBackend, _ mask: AttentionMask) throws {
    for (queryLengths, keyLengths) in [
      ([65, 33, 5, 1, 0, 4], [40, 70, 1, 9, 3, 0]),
      ([Int](repeating: 3, count: 20), [Int](repeating: 21, count: 20)),
    ] {
      let (heads, width) = (2, 33 * 2)
      let (n, m) = (queryLengths.reduce(0, +), keyLengths.reduce(0, +))
      var numbers = TestNumbers(seed: 8)
      let (query, key, value) = (
        numbers.floats(n * width), numbers.floats(m * width), numbers.floats(m * width)
      )
      let dout = numbers.floats(n * width)
      func run(packed: Bool) throws -> [[Float]] {
        let backend = try kind.make()
        func shape(_ lengths: [Int]) throws -> RaggedShape {
          RaggedShape(offsets: try backend.indices(cumulative(lengths)), lengths: lengths)
        }
        let sequences = try backend.indices(
          queryLengths.enumerated().flatMap { [Int32](repeating: Int32($0), count: $1) })
        let tape = Tape(backend, mode: .training(RandomKey(seed: 4, epoch: 1)))
        let q = try backend.tensor(query, [n, width])
        let (queries, keys) = (try shape(queryLengths), try shape(keyLengths))
        let (inputs, out): ([Tensor], Tensor)
        if packed {
          var rows: [Float] = []
          for row in 0..<m {
            let columns = row * width..<(row + 1) * width
            rows += key[columns]
            rows += value[columns]
          }
          inputs = [q, try backend.tensor(rows, [m, 2 * width])]
          out = try tape.attention(
            q: q, keysAndValues: inputs[1], queries: queries, keys: keys, sequences: sequences,
            heads: heads, mask: mask, dropout: 0.2, key: tape.randomKey("attention"))
        } else {
          inputs = [
            q, try backend.tensor(key, [m, width]), try backend.tensor(value, [m, width]),
          ]
          out = try tape.attention(
            q: q, k: inputs[1], v: inputs[2], queries: queries, keys: keys, sequences: sequences,
            heads: heads, mask: mask, dropout: 0.2, key: tape.randomKey("attention"))
        }
        try tape.backward(from: out, gradient: try backend.tensor(dout, [n, width]))
        var results = [try backend.read(out)]
        for input in inputs {
          let gradient = try backend.read(try #require(tape.gradient(of: input)))
          guard input.shape[1] == 2 * width else {
            results.append(gradient)
            continue
          }
          for column in [0, width] {
            var half: [Float] = []
            for row in 0..<m {
              let first = row * 2 * width + column
              half += gradient[first..<first + width]
            }
            results.append(half)
          }
        }
        return results
      }
      #expect(try run(packed: true) == run(packed: false))
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
