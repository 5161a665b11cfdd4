import ClseqOps
import ClseqTestSupport

/// One form of self-attention, run on a backend.
struct AttentionCase: CustomStringConvertible, Sendable {
  let headWidth: Int
  let heads: Int
  let mask: AttentionMask
  let dropout: Float

  var description: String {
    "\(heads) × \(headWidth), \(mask), dropout \(dropout)"
  }

  private var randomKey: RandomKey { RandomKey(seed: 9, epoch: 2) }
  var layerKey: LayerKey { randomKey.layer("attention") }

  /// Queries, keys and values in -2 ... 2.
  func randomInput(_ lengths: [Int], seed: UInt64) -> [Float] {
    var numbers = TestNumbers(seed: seed)
    return numbers.floats(lengths.reduce(0, +) * 3 * heads * headWidth)
  }

  /// Output, and the gradient from a gradient of the output that depends on the row, counted from
  /// `firstRow` on.
  func run(
    _ backend: Backend, _ values: [Float], _ lengths: [Int], numbers: [Int32]? = nil,
    firstRow: Int = 0
  ) throws -> (out: [Float], gradient: [Float]) {
    try run(backend, values, lengths, numbers: numbers, firstRow: firstRow, times: 1)
  }

  /// The same where the input is used twice: two outputs that are added, two gradients.
  func runTwice(
    _ backend: Backend, _ values: [Float], _ lengths: [Int]
  ) throws -> (out: [Float], gradient: [Float]) {
    try run(backend, values, lengths, numbers: nil, firstRow: 0, times: 2)
  }

  private func run(
    _ backend: Backend, _ values: [Float], _ lengths: [Int], numbers: [Int32]?, firstRow: Int,
    times: Int
  ) throws -> (out: [Float], gradient: [Float]) {
    let count = lengths.reduce(0, +)
    let tape = Tape(backend, mode: .training(randomKey))
    let qkv = try backend.tensor(values, [count, 3 * heads * headWidth])
    let offsets = try backend.indices(cumulative(lengths))
    let owners = zip(lengths, numbers ?? lengths.indices.map { Int32(10 * $0) })
      .flatMap { [Int32](repeating: $1, count: $0) }
    let sequences = try backend.indices(owners)
    func attend() throws -> Tensor {
      try tape.attention(
        qkv, shape: RaggedShape(offsets: offsets, lengths: lengths),
        sequences: sequences, heads: heads, mask: mask, dropout: dropout,
        key: tape.randomKey("attention"))
    }
    var out = try attend()
    for _ in 1..<times { out = try tape.add(out, try attend()) }
    var weights = TestNumbers(seed: 5)
    let skipped = firstRow * heads * headWidth
    let dout = try backend.tensor(
      Array(weights.floats(skipped + out.count).dropFirst(skipped)), out.shape)
    try tape.backward(from: out, gradient: dout)
    let gradient = try tape.gradient(of: qkv).map(backend.read) ?? []
    return (try backend.read(out), gradient)
  }
}

/// Two layers of queries that attend to the same keys, which have other lengths: as a decoder's layers
/// attend to an encoder. The gradients of keys and values add up, those of the queries do not.
struct CrossAttentionCase {
  let queryLengths: [Int]
  let keyLengths: [Int]
  let mask: AttentionMask

  /// Both outputs, and the gradients of both queries, the keys and the values.
  func run(_ backend: Backend) throws -> [[Float]] {
    let (heads, width) = (2, 8)
    let (queries, keys) = (queryLengths.reduce(0, +), keyLengths.reduce(0, +))
    func shape(_ lengths: [Int]) throws -> RaggedShape {
      RaggedShape(offsets: try backend.indices(cumulative(lengths)), lengths: lengths)
    }
    let owners = queryLengths.indices.flatMap {
      [Int32](repeating: Int32($0), count: queryLengths[$0])
    }
    let sequences = try backend.indices(owners)
    var numbers = TestNumbers(seed: 6)
    func tensor(_ rows: Int) throws -> Tensor {
      try backend.tensor(numbers.floats(rows * heads * width), [rows, heads * width])
    }
    let (k, v) = (try tensor(keys), try tensor(keys))
    let tape = Tape(backend, mode: .training(RandomKey(seed: 4, epoch: 1)))
    var arrays: [Tensor] = []
    for layer in ["first", "second"] {
      let q = try tensor(queries)
      let out = try tape.attention(
        q: q, k: k, v: v, queries: try shape(queryLengths), keys: try shape(keyLengths),
        sequences: sequences, heads: heads, mask: mask, dropout: 0.2, key: tape.randomKey(layer))
      arrays += [q, out]
    }
    let out = try tape.add(arrays[1], arrays[3])
    try tape.backward(from: out, gradient: try tensor(queries))
    let gradients = [arrays[0], arrays[2], k, v].map { tape.gradient(of: $0)! }
    return try ([arrays[1], arrays[3]] + gradients).map(backend.read)
  }
}

/// 0, then the sums of the first numbers.
func cumulative(_ lengths: [Int]) -> [Int32] {
  lengths.reduce(into: [0]) { $0.append($0[$0.count - 1] + Int32($1)) }
}
