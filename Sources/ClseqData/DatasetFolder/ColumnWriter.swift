import ClseqBase

/// Collects numbers in memory, or writes them to a file in their memory layout (little-endian on every
/// platform of Swift).
final class ColumnWriter<Element: BitwiseCopyable & Sendable> {
  private let path: String?
  private let name: String
  private var file: WholeFile?
  private var hash = ContentHash()
  private var byteCount = 0
  /// Numbers that are not written yet.
  private var elements: [Element] = []

  /// - Parameters:
  ///   - name: The file's name.
  ///   - folder: The folder of the file; nil to keep the numbers in memory.
  init(_ name: String, in folder: String?) throws(DataError) {
    self.name = name
    path = folder.map { "\($0)/\(name)" }
    file = try DataError.writing { () throws(FileError) in
      try path.map { path throws(FileError) in try WholeFile(path, whereTaken: .isReplaced) }
    }
  }

  func append(_ element: Element) throws(DataError) {
    elements.append(element)
    if path != nil && elements.count == 1 << 14 { try flush() }
  }

  /// Ends the column. Adds the written file to `files`.
  func finish(_ files: inout [String: DatasetManifest.File]) throws(DataError) -> Column<Element> {
    guard let path else { return Column(elements) }
    try flush()
    try DataError.writing { () throws(FileError) in try file?.finish() }
    file = nil
    files[name] = DatasetManifest.File(bytes: byteCount, hash: hash.text)
    return try Column(mapping: MappedFile(path: path))
  }

  private func flush() throws(DataError) {
    let bytes = elements.withUnsafeBytes { Array($0) }
    bytes.withUnsafeBytes { hash.update($0) }
    byteCount += bytes.count
    try DataError.writing { () throws(FileError) in try file?.append(bytes) }
    elements.removeAll(keepingCapacity: true)
  }
}
