/// The distinct tokens of one column, numbered from 0 in the order they were first seen.
///
/// Tokens are opaque bytes, held one after another in a single array; looking one up allocates
/// nothing. The table is an open-addressing hash table with linear probing.
public struct TokenTable: Sendable {
  /// All tokens, one after another.
  private var bytes: [UInt8] = []
  /// Where each token ends in `bytes`.
  private var ends: [Int] = []
  /// Index of a token plus one, zero where free; the count is a power of two, at most half full.
  private var slots = [Int32](repeating: 0, count: 64)

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
    let found = slots[slot(of: token)]
    return found == 0 ? nil : found - 1
  }

  /// The index of a token, which joins the table if it is new.
  mutating func intern(_ token: UnsafeRawBufferPointer) -> Int32 {
    let slot = slot(of: token)
    if slots[slot] != 0 { return slots[slot] - 1 }
    bytes.append(contentsOf: token)
    ends.append(bytes.count)
    let index = Int32(ends.count - 1)
    slots[slot] = index + 1
    if ends.count * 2 > slots.count { grow() }
    return index
  }

  /// The same tokens in another order, or only some of them: the new index i has the token of
  /// the old index `order[i]`.
  func reordered(_ order: [Int32]) -> TokenTable {
    var table = TokenTable()
    for index in order {
      utf8(at: Int(index)).withUnsafeBytes { _ = table.intern($0) }
    }
    return table
  }

  /// The slot that holds the token, or the free one where it belongs.
  private func slot(of token: UnsafeRawBufferPointer) -> Int {
    let mask = slots.count - 1
    var slot = Int(truncatingIfNeeded: Self.hash(token)) & mask
    while slots[slot] != 0 && !holds(Int(slots[slot] - 1), token) {
      slot = (slot + 1) & mask
    }
    return slot
  }

  private func holds(_ index: Int, _ token: UnsafeRawBufferPointer) -> Bool {
    let start = index == 0 ? 0 : ends[index - 1]
    guard ends[index] - start == token.count else { return false }
    for offset in 0..<token.count where bytes[start + offset] != token[offset] { return false }
    return true
  }

  private mutating func grow() {
    slots = [Int32](repeating: 0, count: slots.count * 2)
    for index in 0..<count {
      let slot = utf8(at: index).withUnsafeBytes { self.slot(of: $0) }
      slots[slot] = Int32(index + 1)
    }
  }

  /// FNV-1a over the bytes; its low bits are folded with the high ones, which mix better.
  private static func hash(_ token: UnsafeRawBufferPointer) -> UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in token { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    return hash ^ (hash &>> 32)
  }
}

extension TokenTable: Equatable {
  /// Same tokens in the same order.
  public static func == (left: TokenTable, right: TokenTable) -> Bool {
    left.ends == right.ends && left.bytes == right.bytes
  }
}
