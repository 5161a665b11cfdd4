import ClseqInference
import Testing

/// Facts of sequences, counted by hand.
@Suite struct BehaviourPatternTests {
  private static let seconds: Int64 = 1_000_000

  @Test(
    arguments: [
      ([1, 2, 3, 4], 0.0, 0.0, 0.0),
      ([1, 2, 1, 2, 1, 3], 0.5, 0.4, 0.0),
      // Three times a period of two, then of one.
      ([9, 1, 2, 1, 2, 1, 2, 7], 4.0 / 8, 3.0 / 7, 6.0 / 8),
      ([5, 5, 5], 2.0 / 3, 0.5, 1.0), ([5, 5], 0.5, 0.0, 0.0), ([], 0.0, 0.0, 0.0),
    ] as [([Int32], Double, Double, Double)])
  func repeatsAndCyclesAreCounted(
    _ items: [Int32], _ repeated: Double, _ transitions: Double, _ cyclic: Double
  ) {
    let facts = BehaviourFacts(items: items)
    #expect(abs(facts.repeatedItems - repeated) < 1e-12)
    #expect(abs(facts.repeatedTransitions - transitions) < 1e-12)
    #expect(abs(facts.cyclic - cyclic) < 1e-12)
    #expect(facts.medianGap == nil && facts.gapVariation == nil && facts.events == items.count)
  }

  /// Ten gaps, of which the longest is left out of the variation, and of the median is not.
  @Test func timesAreCompared() {
    let gaps: [Int64] = [1, 2, 1, 2, 1, 2, 1, 2, 3, 5_000]
    let times = gaps.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1 * Self.seconds) }
    let facts = BehaviourFacts(items: Array(0..<11), times: times)
    #expect(facts.medianGap == 2)
    let short = gaps.dropLast().map(Double.init)
    let mean = short.reduce(0, +) / 9
    let variance = short.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 9
    #expect(abs(facts.gapVariation! - variance.squareRoot() / mean) < 1e-12)
    let still = BehaviourFacts(items: [1, 2, 3], times: [7, 7, 7])
    #expect(still.medianGap == 0 && still.gapVariation == nil)
    #expect(BehaviourFacts(items: [1], times: [7]).medianGap == nil)
  }

  /// An ordinary sequence: other items each time, at uneven times.
  private func ordinary(_ number: Int) -> BehaviourFacts {
    let gaps = (0..<29).map { Int64(60 + ($0 * 37 + number * 11) % 240) * Self.seconds }
    let times = gaps.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1) }
    return BehaviourFacts(items: Array(0..<30), times: times)
  }

  @Test func patternsAreBeyondAlmostAllOfTraining() {
    let bounds = BehaviourBounds((0..<100).map(ordinary), quantile: 0.99)
    #expect(bounds.sequences == 100 && bounds.repeatedItems == 0 && bounds.cyclic == 0)
    func patterns(_ items: [Int32], _ gaps: [Int64]) -> [BehaviourPattern] {
      let times = items.indices.reduce(into: [Int64]()) {
        $0.append(($0.last ?? 0) + gaps[$1 % gaps.count] * Self.seconds)
      }
      return bounds.patterns(of: BehaviourFacts(items: items, times: times))
    }
    let (distinct, uneven): ([Int32], [Int64]) = (Array(0..<30), [60, 300, 200, 250, 130])
    #expect(patterns(distinct, uneven).isEmpty)
    #expect(patterns((0..<30).map { $0 % 7 == 0 ? $0 : 1 }, uneven) == [.repeats])
    #expect(patterns((0..<30).map { $0 % 3 }, uneven) == [.repeats, .cycle])
    #expect(patterns(distinct, [1, 2]) == [.regular, .fast])
    #expect(patterns(distinct, [200]) == [.regular])
    // Too short to tell of times, then of items too.
    #expect(patterns(Array(repeating: 1, count: 19), [1]) == [.repeats, .cycle])
    #expect(patterns(Array(0..<19), [1]).isEmpty)
    #expect(patterns(Array(repeating: 1, count: 9), [1]).isEmpty)
    #expect(BehaviourBounds([], quantile: 0.99).patterns(of: ordinary(1)).isEmpty)
  }
}
