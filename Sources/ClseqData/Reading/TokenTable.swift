#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The distinct tokens of one column, numbered from 0 in the order they were first seen.
///
/// Tokens are opaque bytes, held one after another in a single array; looking one up allocates
/// nothing. The table is an open-addressing hash table with linear probing, whose slots hold short
/// tokens themselves: looking one up touches one place in memory.
///
/// A table that is finished keeps no keys: four bytes a slot instead of 24.
public struct TokenTable: Sendable {
  /// All tokens, one after another.
  private var bytes: [UInt8] = []
  /// Where each token ends in `bytes`.
  private var ends = TokenEnds()
  /// The count is a power of two, of which at most two thirds are in use; none in a finished table.
  private var slots = [Slot](repeating: .free, count: 64)
  /// The same of a finished table: indices plus one, 0 where free.
  private var finishedSlots: [UInt32] = []

  private struct Slot: Sendable {
    static let free = Slot(key: .empty, indexPlusOne: 0)

    var key: TokenKey
    /// Zero where free.
    var indexPlusOne: Int32
  }

  /// A table without tokens.
  public init() {}

  /// The number of tokens.
  public var count: Int { ends.count }

  /// The token with this index, counted from 0.
  public subscript(index: Int) -> String {
    String(decoding: utf8(at: index), as: UTF8.self)
  }

  /// The bytes of the token with this index, counted from 0.
  public func utf8(at index: Int) -> ArraySlice<UInt8> {
    bytes[(index == 0 ? 0 : ends[index - 1])..<ends[index]]
  }

  /// The index of a token, counted from 0, or nil for one never seen.
  public func index(of token: String) -> Int32? {
    var token = token
    return token.withUTF8 { index(of: UnsafeRawBufferPointer($0)) }
  }

  func index(of token: UnsafeRawBufferPointer) -> Int32? {
    if slots.isEmpty {
      let found = finishedSlots[finishedSlot(of: token)]
      return found == 0 ? nil : Int32(found - 1)
    }
    let found = slots[slot(of: token, TokenKey(token))].indexPlusOne
    return found == 0 ? nil : found - 1
  }

  /// The index of a token, which joins the table if it is new; the caller sees to it that there
  /// are fewer than `Int32.max` of them.
  mutating func intern(_ token: UnsafeRawBufferPointer) -> Int32 {
    precondition(!slots.isEmpty, "TokenTable: a token for a finished table")
    let key = TokenKey(token)
    let slot = slot(of: token, key)
    let known = slots[slot].indexPlusOne
    return known != 0 ? known - 1 : insert(token, key, at: slot)
  }

  /// The same for many keys that hold their tokens; `body` gets the place of each key and the index.
  mutating func intern(_ keys: [TokenKey], _ body: (Int, Int32) -> Void) {
    precondition(!slots.isEmpty, "TokenTable: a token for a finished table")
    var place = 0
    while place < keys.count {
      place = lookUp(keys, from: place, body)
      if place < keys.count {
        let key = keys[place]
        body(place, key.withBytes { intern($0) })
        place += 1
      }
    }
  }

  /// Looks up keys until one is new, and gives its place. There is nothing in the loop that would
  /// keep the processor from waiting for several slots at once.
  @inline(__always)
  private func lookUp(
    _ keys: [TokenKey], from start: Int, _ body: (Int, Int32) -> Void
  ) -> Int {
    slots.withUnsafeBufferPointer { slots in
      let mask = slots.count - 1
      for place in start..<keys.count {
        let key = keys[place]
        var slot = Int(truncatingIfNeeded: key.hash) & mask
        while slots[slot].indexPlusOne == 0 || slots[slot].key != key {
          if slots[slot].indexPlusOne == 0 { return place }
          slot = (slot + 1) & mask
        }
        body(place, slots[slot].indexPlusOne - 1)
      }
      return keys.count
    }
  }

  private mutating func insert(
    _ token: UnsafeRawBufferPointer, _ key: TokenKey, at slot: Int
  ) -> Int32 {
    bytes.append(contentsOf: token)
    ends.append(bytes.count)
    slots[slot] = Slot(key: key, indexPlusOne: Int32(ends.count))
    if ends.count * 3 > slots.count * 2 { grow() }
    return Int32(ends.count - 1)
  }

  /// The same tokens in another order, or only some of them, each once: the new index i has the token of
  /// the old index `order[i]`. The table is finished.
  func reordered(_ order: [Int32]) -> TokenTable {
    var table = TokenTable()
    table.reserve(
      count: order.count, byteCount: order.reduce(0) { $0 + utf8(at: Int($1)).count })
    for index in order { table.bytes += utf8(at: Int(index)); table.ends.append(table.bytes.count) }
    let repeated = table.finish()
    precondition(repeated == nil, "TokenTable: a token twice in a new order")
    return table
  }

  /// The slot that holds the token, or the free one where it belongs.
  private func slot(of token: UnsafeRawBufferPointer, _ key: TokenKey) -> Int {
    let mask = slots.count - 1
    var slot = Int(truncatingIfNeeded: key.hash) & mask
    while true {
      let entry = slots[slot]
      if entry.indexPlusOne == 0 { return slot }
      if entry.key == key && (!key.isHashed || holds(Int(entry.indexPlusOne - 1), token)) {
        return slot
      }
      slot = (slot + 1) & mask
    }
  }

  private func holds(_ index: Int, _ token: UnsafeRawBufferPointer) -> Bool {
    bytes.withUnsafeBytes { bytes in
      let start = index == 0 ? 0 : ends[index - 1]
      let known = UnsafeRawBufferPointer(rebasing: bytes[start..<ends[index]])
      return known.count == token.count
        && (known.isEmpty || memcmp(known.baseAddress!, token.baseAddress!, known.count) == 0)
    }
  }

  /// Doubles the slots. Tokens are distinct, so each goes into the first free slot.
  private mutating func grow() {
    var larger = Self.freeSlots(slots.count * 2)
    let mask = larger.count - 1
    for entry in slots where entry.indexPlusOne != 0 {
      var slot = Int(truncatingIfNeeded: entry.key.hash) & mask
      while larger[slot].indexPlusOne != 0 { slot = (slot + 1) & mask }
      larger[slot] = entry
    }
    slots = larger
  }

  /// Slots that hold nothing. Those of a large table lie in large pages where the system has them:
  /// a look-up goes to a random place, and then mostly waits for the address to be translated.
  private static func freeSlots(_ count: Int) -> [Slot] {
    Array(unsafeUninitializedCapacity: count) { slots, initializedCount in
      #if os(Linux)
        let pageByteCount = 1 << 21
        let bytes = UnsafeMutableRawBufferPointer(slots)
        if let base = bytes.baseAddress {
          let start = base.alignedUp(toMultipleOf: pageByteCount)
          let end = (base + bytes.count).alignedDown(toMultipleOf: pageByteCount)
          if start < end { madvise(start, end - start, MADV_HUGEPAGE) }
        }
      #endif
      slots.initialize(repeating: .free)
      initializedCount = count
    }
  }
}

extension TokenTable {
  /// Makes room for tokens that come without a look at what is there.
  mutating func reserve(count: Int, byteCount: Int) {
    bytes.reserveCapacity(byteCount)
    ends.reserveCapacity(count)
  }

  /// Adds a token without looking whether it is there: ``finish()`` does. Nothing is looked up before.
  mutating func appendUnseen(_ token: UnsafeRawBufferPointer) {
    bytes.append(contentsOf: token)
    ends.append(bytes.count)
  }

  /// Finishes a table, so that it takes less memory.
  ///
  /// - Returns: The index of the first token that an earlier one equals, after which the table is of no
  ///   use; nil where all are distinct.
  mutating func finish() -> Int? {
    slots = []
    var slotCount = 64
    while ends.count * 3 > slotCount * 2 { slotCount *= 2 }
    finishedSlots = [UInt32](repeating: 0, count: slotCount)
    for index in 0..<ends.count {
      let slot = utf8(at: index).withUnsafeBytes { finishedSlot(of: $0) }
      guard finishedSlots[slot] == 0 else { return index }
      finishedSlots[slot] = UInt32(index + 1)
    }
    return nil
  }

  /// The slot of a finished table that holds the token, or the free one where it belongs.
  private func finishedSlot(of token: UnsafeRawBufferPointer) -> Int {
    let mask = finishedSlots.count - 1
    var slot = Int(truncatingIfNeeded: TokenKey(token).hash) & mask
    while finishedSlots[slot] != 0, !holds(Int(finishedSlots[slot] - 1), token) {
      slot = (slot + 1) & mask
    }
    return slot
  }
}

/// Where each token of a table ends: four bytes a token, however many bytes there are of them all.
package struct TokenEnds: Sendable, Equatable {
  private var low: [UInt32] = []
  /// The tokens, ascending, from whose end on another 2³² are added.
  private var carries: [Int] = []

  package var count: Int { low.count }

  package init() {}

  package subscript(index: Int) -> Int {
    let end = Int(low[index])
    return carries.isEmpty ? end : end + carries.count { $0 <= index } << 32
  }

  package mutating func append(_ end: Int) {
    while end >> 32 > carries.count { carries.append(low.count) }
    low.append(UInt32(truncatingIfNeeded: end))
  }

  mutating func reserveCapacity(_ count: Int) { low.reserveCapacity(count) }
}

extension TokenTable: Equatable {
  /// Same tokens in the same order.
  public static func == (left: TokenTable, right: TokenTable) -> Bool {
    left.ends == right.ends && left.bytes == right.bytes
  }
}
