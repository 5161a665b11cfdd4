/// The items that a user has met: a hash table with linear probing, at most half full.
struct MetItems {
  private static let free: Int32 = -1
  private(set) var count = 0
  /// The count is a power of two.
  private var slots: [Int32]

  /// - Parameter expectedCount: The approximate number of items that will be met.
  init(expectedCount: Int) {
    var slotCount = 16
    while slotCount < 2 * expectedCount { slotCount *= 2 }
    slots = Array(repeating: Self.free, count: slotCount)
  }

  /// Adds an item; false if it was met before.
  mutating func insert(_ item: Int) -> Bool {
    let slot = slot(of: Int32(item))
    guard slots[slot] == Self.free else { return false }
    slots[slot] = Int32(item)
    count += 1
    if 2 * count > slots.count { grow() }
    return true
  }

  /// Where an item is, or the free slot where it belongs.
  private func slot(of item: Int32) -> Int {
    let mask = slots.count - 1
    var slot = Int((UInt32(bitPattern: item) &* 0x9E37_79B1) >> 7) & mask
    while slots[slot] != Self.free && slots[slot] != item { slot = (slot + 1) & mask }
    return slot
  }

  private mutating func grow() {
    let items = slots.filter { $0 != Self.free }
    slots = Array(repeating: Self.free, count: 2 * slots.count)
    for item in items { slots[slot(of: item)] = item }
  }
}
