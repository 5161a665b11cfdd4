/// A byte source whose next bytes can be read without being consumed.
final class BufferedInput: ByteSource {
  private static let capacity = 1 << 17

  private var source: any ByteSource
  private let buffer = UnsafeMutableRawBufferPointer.allocate(
    byteCount: capacity, alignment: 16)
  private var start = 0
  private var end = 0

  init(_ source: any ByteSource) {
    self.source = source
  }

  deinit { buffer.deallocate() }

  var path: String { source.path }

  /// Bytes that were read and not consumed.
  var pending: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(buffer)[start..<end])
  }

  /// Marks bytes of `pending` as consumed.
  func consume(_ count: Int) {
    start += count
  }

  /// Reads until `pending` has this many bytes; fewer only at the end of the source.
  func require(_ count: Int) throws(DataError) {
    if end - start >= count { return }
    buffer.copyMemory(from: pending)
    (start, end) = (0, end - start)
    while end < count {
      let read = try source.fill(UnsafeMutableRawBufferPointer(rebasing: buffer[end...]))
      if read == 0 { return }
      end += read
    }
  }

  func fill(_ target: UnsafeMutableRawBufferPointer) throws(DataError) -> Int {
    if start == end { return try source.fill(target) }
    let count = min(target.count, end - start)
    target.copyMemory(from: UnsafeRawBufferPointer(rebasing: pending[..<count]))
    consume(count)
    return count
  }
}
