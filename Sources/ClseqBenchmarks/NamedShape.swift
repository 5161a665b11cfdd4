package import ClseqOps

/// A shape of a product as people write it: `LAYOUT:MxNxK`, or `LAYOUT:MxNxKxBATCH` for several.
///
/// `nt` is C = A[M, K] B[N, K]ᵀ, `nn` is C = A[M, K] B[K, N], `tn` is C = A[K, M]ᵀ B[K, N].
public struct NamedShape: Sendable {
  /// As written.
  public let text: String
  package let shape: MatmulShape

  /// Nil if the text is not a shape with sizes of at least one.
  public init?(_ text: String) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, ["nn", "nt", "tn"].contains(parts[0]) else { return nil }
    let sizes = parts[1].split(separator: "x", omittingEmptySubsequences: false).map {
      Int($0) ?? 0
    }
    guard
      (3...4).contains(sizes.count), sizes.allSatisfy({ (1...1_000_000).contains($0) })
    else { return nil }
    self.text = text
    shape = MatmulShape(
      m: sizes[0], n: sizes[1], k: sizes[2], batch: sizes.count == 4 ? sizes[3] : 1,
      transposeA: parts[0] == "tn", transposeB: parts[0] == "nt")
  }
}
