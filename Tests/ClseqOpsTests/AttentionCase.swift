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
        qkv, offsets: offsets, sequences: sequences, maximumLength: lengths.max() ?? 0,
        heads: heads, mask: mask, dropout: dropout, key: tape.randomKey("attention"))
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

/// Attention whose keys have other lengths than the queries, in separate arrays.
struct CrossAttentionCase {
  let queryLengths: [Int]
  let keyLengths: [Int]
  let mask: AttentionMask

  /// Logarithms of the softmax sums, output, and gradients on top of a base.
  func run(_ backend: Backend) throws -> [[Float]] {
    let (heads, width) = (2, 8)
    let queries = queryLengths.reduce(0, +)
    let keys = keyLengths.reduce(0, +)
    let owners = queryLengths.indices.flatMap {
      [Int32](repeating: Int32($0), count: queryLengths[$0])
    }
    let attention = RaggedAttention(
      queryOffsets: try backend.indices(cumulative(queryLengths)),
      keyOffsets: try backend.indices(cumulative(keyLengths)),
      sequences: try backend.indices(owners), maximumQueries: queryLengths.max() ?? 0,
      maximumKeys: keyLengths.max() ?? 0, heads: heads, headWidth: width, mask: mask,
      dropout: DropoutRate(0.2), key: RandomKey(seed: 4, epoch: 1).layer("cross"))
    var numbers = TestNumbers(seed: 6)
    func tensor(_ rows: Int, _ columns: Int) throws -> Tensor {
      try backend.tensor(numbers.floats(rows * columns), [rows, columns])
    }
    func inputs() throws -> (AttentionInputs, [Tensor]) {
      let q = try tensor(queries, heads * width)
      let kv = try tensor(keys, 2 * heads * width)
      let rows = AttentionInputs(
        q: AttentionRows(q, column: 0), k: AttentionRows(kv, column: 0),
        v: AttentionRows(kv, column: heads * width))
      return (rows, [q, kv])
    }
    let out = try backend.empty([queries, heads * width])
    let logsumexp = try backend.empty([queries, heads])
    let dout = try tensor(queries, heads * width)
    let (rows, _) = try inputs()
    let (gradients, arrays) = try inputs()
    try attention.forward(rows, out: out, logsumexp: logsumexp, on: backend)
    try attention.backward(
      rows, dout: dout, out: out, logsumexp: logsumexp, gradients: gradients, bases: gradients,
      hasBase: 1, on: backend)
    // The logarithm of an empty sum is minus infinity.
    let logarithms = try backend.read(logsumexp).map { $0 == -.infinity ? -99 : $0 }
    return try [logarithms] + ([out] + arrays).map(backend.read)
  }
}

/// 0, then the sums of the first numbers.
func cumulative(_ lengths: [Int]) -> [Int32] {
  lengths.reduce(into: [0]) { $0.append($0[$0.count - 1] + Int32($1)) }
}
