import ClseqInference
import ClseqTestSupport
import Testing

/// The nearest of many vectors.
@Suite struct NearestVectorsTests {
  /// All of them sorted, by both measures.
  @Test(arguments: NearestVectors.Similarity.allCases, [1, 3, 50])
  func theyAreThoseOfAFullOrder(_ similarity: NearestVectors.Similarity, _ count: Int) {
    var numbers = TestNumbers(seed: 3)
    let (width, total) = (5, 40)
    let values = numbers.floats(total * width)
    func vector(_ row: Int) -> ArraySlice<Float> { values[row * width..<(row + 1) * width] }
    var nearest = NearestVectors(to: vector(7), count: count, by: similarity)
    for row in 0..<total { nearest.add(row, vector(row)) }
    func product(_ left: Int, _ right: Int) -> Double {
      zip(vector(left), vector(right)).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
    let expected = (0..<total).map { row in
      similarity == .dot
        ? product(7, row) : product(7, row) / (product(7, 7) * product(row, row)).squareRoot()
    }
    let order = (0..<total).sorted { expected[$0] > expected[$1] }.prefix(count)
    #expect(nearest.found.map(\.number) == Array(order))
    for found in nearest.found { #expect(abs(found.similarity - expected[found.number]) < 1e-12) }
    if similarity == .cosine { #expect(nearest.found[0].number == 7) }
  }

  /// Of equally near ones the first stays; a vector of zeros is at right angles to all; what is no number is not found.
  @Test func equalOnesAndZeros() {
    var nearest = NearestVectors(to: [1, 0], count: 3, by: .cosine)
    let vectors: [[Float]] = [[0, 0], [2, 0], [.nan, 0], [1, 0], [0, 1], [3, 0], [4, 0]]
    for (number, values) in vectors.enumerated() { nearest.add(number, values) }
    #expect(nearest.found.map(\.number) == [1, 3, 5])
    #expect(nearest.found.map(\.similarity) == [1, 1, 1])
    var none = NearestVectors(to: [0, 0], count: 2, by: .cosine)
    none.add(0, [1, 1])
    #expect(none.found.map(\.similarity) == [0])
  }
}
