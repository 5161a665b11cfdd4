/// Keeps the k most similar of the offered items; of equal ones those of lower index.
struct NearestItems {
  private let count: Int
  /// Likeness in the high half, the complement of the item in the low one: larger is nearer. The
  /// bits of a positive Float grow with its value.
  private var keys: [UInt64] = []
  /// The bound that a key must exceed.
  private var threshold: UInt64 = 0

  init(count: Int) {
    self.count = count
  }

  mutating func offer(_ item: Int32, _ likeness: Float) {
    let key = UInt64(likeness.bitPattern) << 32 | UInt64(~UInt32(bitPattern: item))
    guard key > threshold else { return }
    keys.append(key)
    if keys.count >= 4 * count { cut() }
  }

  /// The items kept, nearest first.
  consuming func finish() -> [(item: Int32, likeness: Float)] {
    cut()
    return keys.map { key in
      let item = Int32(bitPattern: ~UInt32(truncatingIfNeeded: key))
      return (item, Float(bitPattern: UInt32(key >> 32)))
    }
  }

  private mutating func cut() {
    keys.sort(by: >)
    if keys.count > count {
      keys.removeSubrange(count...)
      threshold = keys[count - 1]
    }
  }
}
