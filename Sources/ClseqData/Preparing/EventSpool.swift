#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The events of a log, put by users into partitions, each small enough to be sorted in memory.
///
/// Events stay in memory up to a budget; beyond it all partitions are appended to files of their
/// own, which have no name any more and vanish with the process.
struct EventSpool: ~Copyable {
  /// Users of a partition: 32,768 of a hundred events each take 79 MB.
  static let usersPerPartition = 1 << 15

  /// A partition's events: those in its file, then those in memory.
  private struct Partition {
    var pending: [SpooledEvent] = []
    var descriptor: Int32 = -1
    var writtenCount = 0
  }

  private let folder: String
  private let budget: Int
  private var partitions: [Partition] = []
  private var pendingCount = 0

  /// - Parameters:
  ///   - folder: Where files go if need be.
  ///   - byteBudget: Bytes of events that may stay in memory.
  init(folder: String, byteBudget: Int) {
    self.folder = folder
    budget = max(1, byteBudget / MemoryLayout<SpooledEvent>.stride)
  }

  deinit {
    for partition in partitions where partition.descriptor >= 0 { close(partition.descriptor) }
  }

  /// The number of partitions; partition p has the users from `p * usersPerPartition` on.
  var count: Int { partitions.count }

  /// Takes in an event.
  mutating func append(_ event: SpooledEvent) throws(DataError) {
    let index = Int(event.user) / Self.usersPerPartition
    while partitions.count <= index { partitions.append(Partition()) }
    partitions[index].pending.append(event)
    pendingCount += 1
    if pendingCount >= budget { try spill() }
  }

  /// All events of a partition, in the order they came or were put back in.
  func events(of index: Int) throws(DataError) -> [SpooledEvent] {
    let partition = partitions[index]
    guard partition.writtenCount > 0 else { return partition.pending }
    var events = [SpooledEvent](
      repeating: SpooledEvent(user: 0, item: 0, time: 0, type: 0, row: 0),
      count: partition.writtenCount)
    let isWhole = events.withUnsafeMutableBytes { bytes in
      Self.transfer(bytes.count) { offset in
        pread(
          partition.descriptor, bytes.baseAddress! + offset, bytes.count - offset, off_t(offset))
      }
    }
    guard isWhole else { throw .readFailed(path: folder, reason: systemErrorText()) }
    events += partition.pending
    return events
  }

  /// Puts a partition's events in place of those that were there.
  mutating func replace(_ index: Int, by events: [SpooledEvent]) throws(DataError) {
    pendingCount += events.count - partitions[index].pending.count
    partitions[index].pending = events
    partitions[index].writtenCount = 0
    if pendingCount >= budget { try spill() }
  }

  /// Writes what is in memory behind what the files hold.
  private mutating func spill() throws(DataError) {
    for index in partitions.indices where !partitions[index].pending.isEmpty {
      if partitions[index].descriptor < 0 { partitions[index].descriptor = try makeFile() }
      let partition = partitions[index]
      let start = partition.writtenCount * MemoryLayout<SpooledEvent>.stride
      let isWhole = partition.pending.withUnsafeBytes { bytes in
        Self.transfer(bytes.count) { offset in
          pwrite(
            partition.descriptor, bytes.baseAddress! + offset, bytes.count - offset,
            off_t(start + offset))
        }
      }
      guard isWhole else { throw .cannotWrite(path: folder, reason: systemErrorText()) }
      partitions[index].writtenCount += partition.pending.count
      partitions[index].pending = []
    }
    pendingCount = 0
  }

  /// A file that can be written and read, and has no name.
  private func makeFile() throws(DataError) -> Int32 {
    var path = Array("\(folder)/events.XXXXXX".utf8CString)
    let descriptor = mkstemp(&path)
    guard descriptor >= 0 else { throw .cannotWrite(path: folder, reason: systemErrorText()) }
    unlink(path)
    return descriptor
  }

  /// Calls until `count` bytes are moved; false if a call fails or the file ends.
  private static func transfer(_ count: Int, _ call: (Int) -> Int) -> Bool {
    var done = 0
    while done < count {
      let moved = call(done)
      if moved < 0 && errno == EINTR { continue }
      if moved <= 0 { return false }
      done += moved
    }
    return true
  }
}
