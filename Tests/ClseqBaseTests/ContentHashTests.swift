import ClseqBase
import Testing

@Suite struct ContentHashTests {
  private func hash(_ bytes: [UInt8], pieces: Int) -> ContentHash {
    var hash = ContentHash()
    for start in stride(from: 0, to: bytes.count, by: pieces) {
      bytes[start..<min(start + pieces, bytes.count)].withUnsafeBytes { hash.update($0) }
    }
    return hash
  }

  /// Values of the reference implementation; the last stands in the documentation of the Python
  /// package xxhash.
  @Test(arguments: [
    ("", "xxh64:ef46db3751d8e999"), ("a", "xxh64:d24ec4f1a98c6e5b"),
    ("abc", "xxh64:44bc2cf5ad770999"),
    ("Nobody inspects the spammish repetition", "xxh64:fbcea83c8a378bf1"),
  ])
  func publishedValues(_ text: String, _ expected: String) {
    #expect(hash(Array(text.utf8), pieces: 1_000).text == expected)
  }

  @Test(arguments: [1, 3, 31, 32, 33, 64, 100])
  func piecesDoNotMatter(_ pieces: Int) {
    let bytes = (0..<257).map { UInt8(truncatingIfNeeded: $0 * 31) }
    #expect(hash(bytes, pieces: pieces).value == hash(bytes, pieces: 257).value)
  }

  @Test func aByteMatters() {
    var bytes = [UInt8](repeating: 7, count: 100)
    let before = hash(bytes, pieces: 100).value
    bytes[50] = 8
    #expect(hash(bytes, pieces: 100).value != before)
  }
}
