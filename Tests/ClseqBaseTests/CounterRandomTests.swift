import ClseqBase
import Testing

@Suite struct CounterRandomTests {
  /// The numbers must be the same on every platform, so they are written down here.
  @Test func permutationIsFixed() {
    let random = CounterRandom(seed: 1, 2, 3)
    #expect(random.permutation(count: 10) == [4, 9, 3, 0, 8, 1, 7, 6, 2, 5])
    #expect(random.bits(0) == 5_649_887_244_965_920_420)
  }

  @Test func permutationIsFair() {
    // Place of element 0 among 5 over 5,000 epochs: a mean of 1,000 and a deviation of 28 each.
    var places = [Int](repeating: 0, count: 5)
    for epoch in 0..<5_000 {
      let order = CounterRandom(seed: 9, UInt64(epoch)).permutation(count: 5)
      #expect(order.sorted() == [0, 1, 2, 3, 4])
      places[order.firstIndex(of: 0) ?? 0] += 1
    }
    #expect(places.allSatisfy { abs($0 - 1_000) < 142 })
  }
}
