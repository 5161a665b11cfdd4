import ClseqNN
import ClseqOps
import ClseqTestSupport
import Foundation
import Testing

@Suite struct SelfAttentionTests {
  /// softmax(q kᵀ / √K) v of each head in plain loops, heads side by side, where H K is not the width of the model.
  @Test(
    arguments: TestBackend.allCases,
    [(width: 6, heads: 2, headWidth: 4), (7, 3, 5), (12, 1, 4), (4, 2, 33)])
  func headsOfAnyWidth(
    _ kind: TestBackend, _ sizes: (width: Int, heads: Int, headWidth: Int)
  ) throws {
    let (d, h, k) = (sizes.width, sizes.heads, sizes.headWidth)
    let backend = try kind.make()
    let store = ParameterStore(backend)
    let layer = SelfAttention("a", width: d, heads: h, headWidth: k, dropout: 0, in: store)
    try store.allocate(seed: 3)
    var numbers = TestNumbers(seed: 6)
    func fill(_ parameter: Parameter) throws -> [Double] {
      let values = numbers.floats(parameter.count)
      try backend.write(values, to: parameter.value)
      return values.map(Double.init)
    }
    let (inner, outer) = (try fill(layer.input.weight), try fill(layer.output.weight))
    let (bias, last) = (try fill(#require(layer.input.bias)), try fill(#require(layer.output.bias)))
    #expect(layer.input.weight.shape == [3 * h * k, d] && layer.output.weight.shape == [d, h * k])
    let sequences: [[Int32]] = [[1, 2, 3, 4, 5], [6], [7, 8]]
    let x = numbers.floats(8 * d)
    let batch = try TestBatch(sequences).make(on: backend)
    let y = try layer(
      backend.tensor(x, [8, d]), of: batch, on: Tape(backend, mode: .inference))
    var expected: [Float] = []
    var first = 0
    for sequence in sequences {
      func projected(_ event: Int, _ row: Int) -> Double {
        (0..<d).reduce(bias[row]) { $0 + inner[row * d + $1] * Double(x[(first + event) * d + $1]) }
      }
      for event in sequence.indices {
        var context = [Double](repeating: 0, count: h * k)
        for head in 0..<h {
          let scores = (0...event).map { key in
            (0..<k).reduce(0.0) {
              $0 + projected(event, head * k + $1) * projected(key, (h + head) * k + $1)
            } / Double(k).squareRoot()
          }
          let weights = scores.map { exp($0 - scores.max()!) }
          for (key, weight) in weights.enumerated() {
            for c in 0..<k {
              context[head * k + c] +=
                weight / weights.reduce(0, +) * projected(key, (2 * h + head) * k + c)
            }
          }
        }
        for row in 0..<d {
          expected.append(
            Float((0..<h * k).reduce(last[row]) { $0 + outer[row * h * k + $1] * context[$1] }))
        }
      }
      first += sequence.count
    }
    #expect(largestError(try backend.read(y), expected) < Double(Tolerance.attention))
  }
}
