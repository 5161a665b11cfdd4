#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Records in partitions, each small enough for memory.
///
/// Records stay in memory up to a budget; beyond it the records of all partitions are written to one
/// file without a name, which vanishes with the process. A partition has a list of its ranges in the
/// file, so all partitions share one open file.
package struct PartitionSpool<Record: BitwiseCopyable>: ~Copyable {
  /// A range of the file, in records.
  private struct Extent {
    var start: Int
    package var count: Int
  }

  /// A partition's records: those in its ranges of the file, then those in memory.
  private struct Partition {
    var pending: [Record] = []
    var written: [Extent] = []
    /// Ranges whose records were replaced; they are reused first.
    var free: [Extent] = []

    var writtenCount: Int { written.reduce(0) { $0 + $1.count } }
  }

  private let folder: String
  private let budget: Int
  private var partitions: [Partition] = []
  private var pendingCount = 0
  private var descriptor: Int32 = -1
  /// The length of the file in records.
  private var fileCount = 0

  /// - Parameters:
  ///   - folder: The folder of the file, if one is necessary.
  ///   - byteBudget: The maximum bytes of records in memory.
  package init(folder: String, byteBudget: Int) {
    self.folder = folder
    budget = max(1, byteBudget / MemoryLayout<Record>.stride)
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
  }

  /// The number of partitions.
  package var count: Int { partitions.count }

  /// Adds a record.
  package mutating func append(_ record: Record, to index: Int) throws(DataError) {
    while partitions.count <= index { partitions.append(Partition()) }
    partitions[index].pending.append(record)
    pendingCount += 1
    if pendingCount >= budget { try spill() }
  }

  /// All records of a partition, in the order of their addition or replacement.
  package func records(of index: Int) throws(DataError) -> [Record] {
    guard index < partitions.count else { return [] }
    let partition = partitions[index]
    guard !partition.written.isEmpty else { return partition.pending }
    let (written, total) = (partition.written, partition.writtenCount)
    var isWhole = true
    let records = [Record](
      unsafeUninitializedCapacity: total + partition.pending.count
    ) { buffer, count in
      for extent in written where isWhole {
        isWhole = read(extent, into: UnsafeMutableBufferPointer(rebasing: buffer[count...]))
        count += extent.count
      }
      if isWhole { for record in partition.pending { buffer[count] = record; count += 1 } }
      if !isWhole { count = 0 }
    }
    guard isWhole else { throw .readFailed(path: folder, reason: systemErrorText()) }
    return records
  }

  /// Replaces the records of a partition.
  package mutating func replace(_ index: Int, by records: [Record]) throws(DataError) {
    pendingCount += records.count - partitions[index].pending.count
    partitions[index].pending = records
    partitions[index].free += partitions[index].written
    partitions[index].written = []
    if pendingCount >= budget { try spill() }
  }

  /// Writes the records in memory to the file.
  private mutating func spill() throws(DataError) {
    if descriptor < 0 { descriptor = try makeFile() }
    for index in partitions.indices where !partitions[index].pending.isEmpty {
      let pending = partitions[index].pending
      var start = 0
      while start < pending.count {
        let extent = takeExtent(of: index, atMost: pending.count - start)
        guard write(pending[start..<start + extent.count], to: extent) else {
          throw .cannotWrite(path: folder, reason: systemErrorText())
        }
        partitions[index].written.append(extent)
        start += extent.count
      }
      partitions[index].pending = []
    }
    pendingCount = 0
  }

  /// A range for this many records of a partition, or for some of them: a free one of the partition,
  /// else at the end of the file.
  private mutating func takeExtent(of index: Int, atMost count: Int) -> Extent {
    guard var extent = partitions[index].free.popLast() else {
      defer { fileCount += count }
      return Extent(start: fileCount, count: count)
    }
    if extent.count > count {
      partitions[index].free.append(
        Extent(start: extent.start + count, count: extent.count - count))
      extent.count = count
    }
    return extent
  }

  private func read(
    _ extent: Extent, into buffer: UnsafeMutableBufferPointer<Record>
  ) -> Bool {
    let stride = MemoryLayout<Record>.stride
    let (byteCount, place) = (extent.count * stride, extent.start * stride)
    guard let base = UnsafeMutableRawPointer(buffer.baseAddress) else { return false }
    return Self.transfer(byteCount) { done in
      pread(descriptor, base + done, byteCount - done, off_t(place + done))
    }
  }

  private func write(_ records: ArraySlice<Record>, to extent: Extent) -> Bool {
    let place = extent.start * MemoryLayout<Record>.stride
    return records.withUnsafeBytes { bytes in
      Self.transfer(bytes.count) { done in
        pwrite(descriptor, bytes.baseAddress! + done, bytes.count - done, off_t(place + done))
      }
    }
  }

  /// A file for reading and writing that has no name.
  private func makeFile() throws(DataError) -> Int32 {
    var path = Array("\(folder)/events.XXXXXX".utf8CString)
    let descriptor = mkstemp(&path)
    guard descriptor >= 0 else { throw .cannotWrite(path: folder, reason: systemErrorText()) }
    unlink(path)
    return descriptor
  }

  /// Repeats a call until `count` bytes are moved; false if a call fails or the file ends.
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
