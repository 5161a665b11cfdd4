import ClseqTraining
import Testing

@Suite struct ValueHistogramTests {
  @Test func binsAreOfEqualWidth() throws {
    // A value in the middle of each bin, the one of bin n as often as n + 1, and both ends.
    var values: [Float] = [-1, 29]
    for bin in 0..<30 {
      let isEnd = bin == 0 || bin == 29
      values += [Float](repeating: Float(bin) - 0.5, count: isEnd ? bin : bin + 1)
    }
    let histogram = try #require(ValueHistogram(values))
    #expect(histogram.limits == (0..<30).map { Double($0) })
    #expect(histogram.counts == Array(1...30))
    #expect(histogram.least == -1 && histogram.greatest == 29)
    #expect(histogram.count == 465 && histogram.counts.reduce(0, +) == 465)
    let numbers = values.map { Double($0) }
    #expect(histogram.sum == numbers.reduce(0, +))
    #expect(histogram.squareSum == numbers.map { $0 * $0 }.reduce(0, +))
  }

  @Test func equalValuesAreOneBin() throws {
    let histogram = try #require(ValueHistogram([Float(0.5), 0.5, 0.5]))
    #expect(histogram.limits == [0.5] && histogram.counts == [3])
  }

  @Test func onlyFiniteValuesCount() throws {
    #expect(ValueHistogram([Float]()) == nil)
    #expect(ValueHistogram([Float.nan, .infinity]) == nil)
    #expect(ValueHistogram([Float(1), .nan, 2, -.infinity]) == ValueHistogram([Float(1), 2]))
    let widest: [Float] = [-.greatestFiniteMagnitude, .greatestFiniteMagnitude]
    #expect(try #require(ValueHistogram(widest)).counts.reduce(0, +) == 2)
  }
}
