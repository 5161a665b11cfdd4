/// The items of a log: a token for each index 1…V.
///
/// Indices follow the order of first appearance in the log ordered by time. Index 0 means no item
/// and has no token.
public struct Vocabulary: Sendable, Equatable {
  /// The tokens by index minus one.
  let tokens: TokenTable

  init(tokens: TokenTable) {
    self.tokens = tokens
  }

  /// V, the number of items.
  public var count: Int { tokens.count }

  /// The token of an index in 1…V.
  public subscript(index: Int) -> String { tokens[index - 1] }

  /// The index of a token in 1…V, or nil if the log never held it.
  public func index(of token: String) -> Int32? {
    tokens.index(of: token).map { $0 + 1 }
  }

  /// The first `count` items under the same indices.
  func prefix(_ count: Int) -> Vocabulary {
    count == self.count ? self : Vocabulary(tokens: tokens.reordered(Array(0..<Int32(count))))
  }

  /// Writes `vocabulary.txt`: one token a line, UTF-8, LF; line i is the token of index i.
  ///
  /// - Throws: `DataError.cannotWrite`.
  public func write(to path: String) throws(DataError) {
    var writer = try FileWriter(path: path)
    for index in 0..<count {
      try writer.append(tokens.utf8(at: index))
      try writer.append(CollectionOfOne(UInt8(ascii: "\n")))
    }
    try writer.finish()
  }

  /// Reads what `write(to:)` wrote.
  ///
  /// - Throws: `DataError.malformed` at an empty or a repeated token, `.empty`, and what opening
  ///   and reading a file can throw.
  public init(contentsOf path: String) throws(DataError) {
    var lines = try LineReader(FileByteSource(path: path))
    var tokens = TokenTable()
    while let line = try lines.next() {
      let expected = tokens.count
      if line.isEmpty || Int(tokens.intern(line)) != expected {
        throw .malformed(
          path: path, line: lines.lineNumber, column: 1, expected: "an item token of its own",
          found: line.isEmpty ? "a blank line" : "one that an earlier line has")
      }
    }
    if tokens.count == 0 { throw .empty(path: path) }
    self.tokens = tokens
  }
}
