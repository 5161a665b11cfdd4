import ClseqBase

/// Writes tokens, one per line.
enum TokenFile {
  /// - Parameter hasUnknown: Whether a blank line follows, as in ``Vocabulary/write(to:)``.
  /// - Throws: `DataError.cannotWrite` for a token with a line feed, or when a call fails.
  static func write(
    _ tokens: TokenTable, hasUnknown: Bool = false, to path: String
  ) throws(DataError) -> DatasetManifest.File {
    var hash = ContentHash()
    var byteCount = 0
    for index in 0..<tokens.count where tokens.utf8(at: index).contains(UInt8(ascii: "\n")) {
      throw .cannotWrite(path: path, reason: "the id \"\(tokens[index])\" contains a line feed")
    }
    try DataError.writing { () throws(FileError) in
      let file = try WholeFile(path, whereTaken: .isReplaced)
      for index in 0..<tokens.count + (hasUnknown ? 1 : 0) {
        var line = index < tokens.count ? Array(tokens.utf8(at: index)) : []
        line.append(UInt8(ascii: "\n"))
        line.withUnsafeBytes { hash.update($0) }
        byteCount += line.count
        try file.append(line)
      }
      try file.finish()
    }
    return DatasetManifest.File(bytes: byteCount, hash: hash.text)
  }
}
