#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Records put into partitions, each small enough to be worked on in memory.
///
/// Records stay in memory up to a budget; beyond it all partitions are appended to files of their
/// own, which have no name any more and vanish with the process.
struct PartitionSpool<Record: BitwiseCopyable>: ~Copyable {
  /// A partition's records: those in its file, then those in memory.
  private struct Partition {
    var pending: [Record] = []
    var descriptor: Int32 = -1
    var writtenCount = 0
  }

  private let folder: String
  private let budget: Int
  private var partitions: [Partition] = []
  private var pendingCount = 0

  /// - Parameters:
  ///   - folder: Where files go if need be.
  ///   - byteBudget: Bytes of records that may stay in memory.
  init(folder: String, byteBudget: Int) {
    self.folder = folder
    budget = max(1, byteBudget / MemoryLayout<Record>.stride)
  }

  deinit {
    for partition in partitions where partition.descriptor >= 0 { close(partition.descriptor) }
  }

  /// The number of partitions.
  var count: Int { partitions.count }

  /// Takes in a record.
  mutating func append(_ record: Record, to index: Int) throws(DataError) {
    while partitions.count <= index { partitions.append(Partition()) }
    partitions[index].pending.append(record)
    pendingCount += 1
    if pendingCount >= budget { try spill() }
  }

  /// All records of a partition, in the order they came or were put back in.
  func records(of index: Int) throws(DataError) -> [Record] {
    guard index < partitions.count else { return [] }
    let partition = partitions[index]
    guard partition.writtenCount > 0 else { return partition.pending }
    let byteCount = partition.writtenCount * MemoryLayout<Record>.stride
    var isWhole = false
    var records = [Record](unsafeUninitializedCapacity: partition.writtenCount) { buffer, count in
      let bytes = UnsafeMutableRawBufferPointer(buffer)
      isWhole = Self.transfer(byteCount) { offset in
        pread(partition.descriptor, bytes.baseAddress! + offset, byteCount - offset, off_t(offset))
      }
      count = isWhole ? partition.writtenCount : 0
    }
    guard isWhole else { throw .readFailed(path: folder, reason: systemErrorText()) }
    records += partition.pending
    return records
  }

  /// Puts records in place of those that a partition had.
  mutating func replace(_ index: Int, by records: [Record]) throws(DataError) {
    pendingCount += records.count - partitions[index].pending.count
    partitions[index].pending = records
    partitions[index].writtenCount = 0
    if pendingCount >= budget { try spill() }
  }

  /// Writes what is in memory behind what the files hold.
  private mutating func spill() throws(DataError) {
    for index in partitions.indices where !partitions[index].pending.isEmpty {
      if partitions[index].descriptor < 0 { partitions[index].descriptor = try makeFile() }
      let partition = partitions[index]
      let start = partition.writtenCount * MemoryLayout<Record>.stride
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
