/// Bytes of each buffer that the arenas of a backend need, as a counting pass reports them.
public struct ArenaSizes: Sendable {
  /// Of the arena of values as ops compute them.
  let computed: [Int]
  /// Of the arena of values that wait for the backward pass in another type.
  let waiting: [Int]

  /// Bytes of all buffers.
  public var total: Int { (computed + waiting).reduce(0, +) }
  /// Bytes of the largest buffer.
  public var largest: Int { (computed + waiting).max() ?? 0 }

  /// Sizes that are enough for both.
  public func covering(_ other: ArenaSizes) -> ArenaSizes {
    ArenaSizes(
      computed: Self.maxima(computed, other.computed), waiting: Self.maxima(waiting, other.waiting))
  }

  private static func maxima(_ a: [Int], _ b: [Int]) -> [Int] {
    (0..<max(a.count, b.count)).map {
      max($0 < a.count ? a[$0] : 0, $0 < b.count ? b[$0] : 0)
    }
  }
}
