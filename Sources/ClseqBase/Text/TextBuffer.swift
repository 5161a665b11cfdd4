/// Room for texts that are written out with their escapes replaced. It is used again for every
/// record.
package final class TextBuffer {
  @usableFromInline var bytes: UnsafeMutableRawBufferPointer
  /// Where the next text will begin.
  @usableFromInline package var mark = 0

  /// Room for texts of so many bytes together.
  package init(byteCount: Int = 1 << 12) {
    bytes = .allocate(byteCount: byteCount, alignment: 1)
  }

  deinit { bytes.deallocate() }

  /// Forgets all texts and makes room for so many bytes.
  package func begin(byteCount: Int) {
    mark = 0
    guard bytes.count < byteCount else { return }
    bytes.deallocate()
    bytes = .allocate(byteCount: byteCount, alignment: 1)
  }

  /// Appends a byte to the text under way.
  @inlinable package func append(_ byte: UInt8) {
    bytes[mark] = byte
    mark += 1
  }

  /// The text since a mark, valid until ``begin(byteCount:)``.
  @inlinable package func text(since start: Int) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes)[start..<mark])
  }
}
