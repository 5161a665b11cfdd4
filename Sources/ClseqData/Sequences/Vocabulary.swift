/// The items of a log: a token for each index 1…V.
///
/// Indices follow the order of first appearance in the log ordered by time. Index 0 means no item
/// and has no token; V + 1, if used, is the unknown item.
public struct Vocabulary: Sendable, Equatable {
  /// The tokens by index minus one.
  let tokens: TokenTable
  /// Whether index V + 1 is the unknown item, which stands for rare items of the log and for those of
  /// new data. It is an input of models, and never ranked.
  public let hasUnknown: Bool

  init(tokens: TokenTable, hasUnknown: Bool = false) {
    self.tokens = tokens
    self.hasUnknown = hasUnknown
  }

  /// V, the number of items.
  public var count: Int { tokens.count }

  /// Indices from 0 up: V + 1, or V + 2 with the unknown item.
  public var rowCount: Int { count + (hasUnknown ? 2 : 1) }

  /// The index of the unknown item, V + 1, if there is one.
  public var unknown: Int32? { hasUnknown ? Int32(count + 1) : nil }

  /// The token of an index in 1…V.
  public subscript(index: Int) -> String { tokens[index - 1] }

  /// The index of a token in 1…V, or nil if the log does not have it.
  public func index(of token: String) -> Int32? {
    tokens.index(of: token).map { $0 + 1 }
  }

  /// The first `count` items under the same indices.
  func prefix(_ count: Int) -> Vocabulary {
    count == self.count
      ? self
      : Vocabulary(tokens: tokens.reordered(Array(0..<Int32(count))), hasUnknown: hasUnknown)
  }

  /// Writes `vocabulary.txt`: one token per line, UTF-8, LF; line i is the token of index i. A blank
  /// last line stands for the unknown item.
  ///
  /// - Throws: `DataError.cannotWrite`, also for a token with a line feed.
  public func write(to path: String) throws(DataError) {
    _ = try TokenFile.write(tokens, hasUnknown: hasUnknown, to: path)
  }

  /// Reads a file that `write(to:)` wrote. A carriage return is part of the token.
  ///
  /// - Throws: `DataError.malformed` at a token that is empty, repeated or no text, or without a line
  ///   feed after it; `.empty`, `.missingFile`, `.unreadable`.
  public init(contentsOf path: String) throws(DataError) {
    let file = try MappedFile(path: path)
    var tokens = TokenTable()
    var rest = file.bytes[...]
    var hasUnknown = false
    while !rest.isEmpty {
      let end = rest.firstIndex(of: UInt8(ascii: "\n"))
      if end == rest.startIndex && rest.count == 1 {
        hasUnknown = true
        break
      }
      let token = UnsafeRawBufferPointer(rebasing: rest[..<(end ?? rest.endIndex)])
      if let fault = end == nil ? "one without a line feed" : Self.fault(of: token, tokens) {
        throw .malformed(
          path: path, line: tokens.count + 1, column: 1, expected: "an item token of its own",
          found: fault)
      }
      _ = tokens.intern(token)
      rest = rest[(end.map { $0 + 1 } ?? rest.endIndex)...]
    }
    if tokens.count == 0 { throw .empty(path: path) }
    self.init(tokens: tokens, hasUnknown: hasUnknown)
  }

  /// The reason why a line cannot be the next token; nil if it can.
  private static func fault(of line: UnsafeRawBufferPointer, _ known: TokenTable) -> String? {
    if line.isEmpty { return "a blank line" }
    if TextCheck.firstFault(in: line) != nil { return "a line that is not text" }
    return known.index(of: line) == nil ? nil : "a repeated token"
  }
}
