/// Limits the decompressed size of a small compressed file (a "zip bomb").
///
/// Any file may give up to ``freeByteCount`` bytes; beyond that at most `ratio` times its compressed
/// bytes. Logs of text compress to between a fifth and a thirtieth; a gzip bomb expands 1,030-fold.
struct ExpansionLimit {
  static let freeByteCount = 1 << 26

  private let ratio: Int
  private var consumed = 0
  private var produced = 0

  /// - Parameter ratio: The maximum bytes per compressed byte, at least 1.
  init(ratio: Int) {
    self.ratio = ratio
  }

  /// Adds the consumed and the produced bytes of one step of decompression.
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
