import ClseqMetrics
import Testing

@Suite struct CodeDimensionsTests {
  /// Three users and three dimensions, with means of 0.02, 0.01 and 0.004 nat.
  private let divergences = [0.06, 0, 0.012, 0, 0.03, 0, 0, 0, 0]

  @Test func dimensionsAreCountedByTheirMean() {
    let active = CodeDimensions(divergences: divergences, width: 3, .active)
    let collapsed = CodeDimensions(divergences: divergences, width: 3, .collapsed)
    #expect(active.userCount == 3)
    #expect(active.value == 2 && collapsed.value == 1)
    // The first user alone, then all but the first, then nobody.
    #expect(active.value([1, 0, 0]) == 2 && collapsed.value([1, 0, 0]) == 1)
    #expect(active.value([0, 1, 1]) == 1 && collapsed.value([0, 1, 1]) == 2)
    #expect(active.value([0, 0, 0]) == nil)
  }
}
