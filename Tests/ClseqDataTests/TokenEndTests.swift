import ClseqData
import Testing

@Suite struct TokenEndTests {
  /// Ends beyond what 32 bits hold come back as they are.
  @Test func endsOfMoreBytesThanFourGiB() {
    let expected = [
      0, 5, 1 << 31, 1 << 32, 1 << 32, (1 << 32) + 7, (3 << 32) - 1, 5 << 32, (5 << 32) + 1,
    ]
    var ends = TokenEnds()
    for end in expected { ends.append(end) }
    #expect(ends.count == expected.count)
    #expect((0..<ends.count).map { ends[$0] } == expected)
  }
}
