#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Another source, read ahead on a thread of its own, so that decompression runs in parallel
/// with parsing. Bytes and errors are those of that source, in their order.
final class BackgroundByteSource: ByteSource {
  let path: String
  let format: LogFormat?
  let compression: String?
  private let pieces: PieceQueue
  private let thread: pthread_t
  /// Bytes of the first piece that were returned.
  private var position = 0

  /// - Parameter source: The source, used only by the thread from now on.
  /// - Throws: `DataError.readFailed` if no thread can be started.
  init(_ source: any ByteSource) throws(DataError) {
    path = source.path
    format = source.format
    compression = source.compression
    pieces = PieceQueue(source)
    var thread = pthread_t()
    let owned = Unmanaged.passRetained(pieces)
    let code = pthread_create(
      &thread, nil,
      { queue in
        if let queue { Unmanaged<PieceQueue>.fromOpaque(queue).takeRetainedValue().produce() }
        return nil
      }, owned.toOpaque())
    guard code == 0 else {
      owned.release()
      throw .readFailed(path: path, reason: String(cString: strerror(code)))
    }
    self.thread = thread
  }

  deinit {
    pieces.stop()
    pthread_join(thread, nil)
  }

  func fill(_ buffer: UnsafeMutableRawBufferPointer) throws(DataError) -> Int {
    guard let piece = try pieces.first() else { return 0 }
    let count = min(buffer.count, piece.count - position)
    buffer.copyMemory(
      from: UnsafeRawBufferPointer(rebasing: piece[position..<position + count]))
    position += count
    if position == piece.count {
      pieces.removeFirst()
      position = 0
    }
    return count
  }
}

/// A queue of a few pieces of a source's bytes between the reading thread and the parsing thread.
private final class PieceQueue {
  private static let pieceByteCount = 1 << 17
  private static let capacity = 4

  /// Used only by the producing thread.
  private var source: any ByteSource
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  /// Piece n is in buffer n modulo the capacity. The thread writes buffers that are not in the queue.
  private let buffers: [UnsafeMutableRawBufferPointer]
  private let counts: UnsafeMutableBufferPointer<Int>

  // Protected by the mutex.
  private var producedCount = 0
  private var removedCount = 0
  private var isEnded = false
  private var error: DataError?
  private var isStopped = false

  init(_ source: any ByteSource) {
    self.source = source
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(changed, nil)
    buffers = (0..<Self.capacity).map { _ in
      .allocate(byteCount: Self.pieceByteCount, alignment: 16)
    }
    counts = .allocate(capacity: Self.capacity)
    counts.initialize(repeating: 0)
  }

  deinit {
    pthread_cond_destroy(changed)
    pthread_mutex_destroy(mutex)
    changed.deallocate()
    mutex.deallocate()
    for buffer in buffers { buffer.deallocate() }
    counts.deallocate()
  }

  /// Reads the source until its end, an error or a cancellation.
  func produce() {
    var isOver = false
    while !isOver, let index = freeBuffer() {
      var (count, failure) = (0, DataError?.none)
      do throws(DataError) {
        while count < Self.pieceByteCount && !isOver {
          let added = try source.fill(
            UnsafeMutableRawBufferPointer(rebasing: buffers[index][count...]))
          isOver = added == 0
          count += added
        }
      } catch {
        (failure, isOver) = (error, true)
      }
      publish(count, in: index, isOver, failure)
    }
  }

  /// Waits for the buffer of the next piece; nil after a cancellation.
  private func freeBuffer() -> Int? {
    locked {
      while producedCount - removedCount == Self.capacity && !isStopped {
        pthread_cond_wait(changed, mutex)
      }
      return isStopped ? nil : producedCount % Self.capacity
    }
  }

  private func publish(_ count: Int, in index: Int, _ isOver: Bool, _ failure: DataError?) {
    locked {
      if count > 0 {
        counts[index] = count
        producedCount += 1
      }
      isEnded = isOver
      error = failure
      pthread_cond_broadcast(changed)
    }
  }

  /// The oldest piece, which stays in the queue until it is removed; nil at the end.
  ///
  /// - Throws: The error of the source after the last piece.
  func first() throws(DataError) -> UnsafeRawBufferPointer? {
    let (piece, failure) = locked { () -> (UnsafeRawBufferPointer?, DataError?) in
      while producedCount == removedCount && !isEnded { pthread_cond_wait(changed, mutex) }
      guard producedCount > removedCount else { return (nil, error) }
      let index = removedCount % Self.capacity
      return (UnsafeRawBufferPointer(rebasing: buffers[index][..<counts[index]]), nil)
    }
    if let failure { throw failure }
    return piece
  }

  /// Releases the buffer of the oldest piece.
  func removeFirst() {
    locked {
      removedCount += 1
      pthread_cond_broadcast(changed)
    }
  }

  /// Ends the thread at the next piece.
  func stop() {
    locked {
      isStopped = true
      pthread_cond_broadcast(changed)
    }
  }

  private func locked<Result>(_ body: () -> Result) -> Result {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return body()
  }
}
