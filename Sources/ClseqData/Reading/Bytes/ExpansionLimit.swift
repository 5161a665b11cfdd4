/// Keeps a small compressed file from growing without end (a "zip bomb").
///
/// Up to ``freeByteCount`` bytes come out of any file; beyond that at most `ratio` times the bytes
/// that went in. Logs as text shrink to a fifth or a thirtieth; a gzip bomb grows 1,030-fold.
struct ExpansionLimit {
  static let freeByteCount = 1 << 26

  private let ratio: Int
  private var consumed = 0
  private var produced = 0

  /// - Parameter ratio: The most bytes that one compressed byte may give, at least 1.
  init(ratio: Int) {
    self.ratio = ratio
  }

  /// Takes in what one step of decompression used up and gave.
  ///
  /// - Throws: `DataError.corrupt` beyond the limit.
  mutating func count(consumed: Int, produced: Int, path: String) throws(DataError) {
    self.consumed += consumed
    self.produced += produced
    guard self.produced > Self.freeByteCount else { return }
    guard self.produced / ratio <= self.consumed else {
      throw .corrupt(
        path: path,
        reason: "\(self.consumed) compressed bytes give more than \(self.produced) bytes: "
          + "beyond the limit of \(ratio) to 1")
    }
  }
}
