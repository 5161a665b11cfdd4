#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Another source, read ahead on a thread of its own, so that a log is decompressed beside its
/// parsing. Bytes and errors come as that source gives them.
final class BackgroundByteSource: ByteSource {
  let path: String
  let format: LogFormat?
  let compression: String?
  private let pieces: PieceQueue
  private let thread: pthread_t
  /// Bytes of the first piece that have been handed out.
  private var position = 0

  /// - Parameter source: Belongs to the thread from here on.
  /// - Throws: `DataError.readFailed` where no thread can be had.
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

/// A few pieces of a source's bytes between the thread that reads it and the one that wants them.
private final class PieceQueue {
  private static let pieceByteCount = 1 << 17
  private static let capacity = 4

  /// Belongs to the producing thread.
  private var source: any ByteSource
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  /// Piece n lies in buffer n modulo the capacity. The thread writes those that are not in the queue.
  private let buffers: [UnsafeMutableRawBufferPointer]
  private let counts: UnsafeMutableBufferPointer<Int>

  // Under the mutex.
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

  /// Reads the source to its end, or until it fails or nobody wants it any more.
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

  /// The buffer of the next piece, once there is one; nil if nobody wants it.
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

  /// The oldest piece, which stays until it is removed; nil at the end.
  ///
  /// - Throws: What the source threw behind the last piece.
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

  /// Gives the buffer of the oldest piece back.
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
