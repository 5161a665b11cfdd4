package import ClseqOps
import ClseqRuntime

/// Brings arrays to a backend ahead of the steps that use them.
///
/// It owns two places. While the kernels of one batch run from the first, the next batch is copied
/// into the second on the upload queue; the compute queue waits for the copy, the host does not. A
/// place is written again only when the step that read it has ended, which also keeps the host at
/// most two steps ahead of the device.
package final class BatchUploader {
  private final class Place {
    var buffer: BufferBox?
    var staging: HostBuffer?
    var copied: DeviceEvent?
    var released: DeviceEvent?

    var byteCount: Int { staging?.bytes.count ?? 0 }
  }

  private final class BufferBox {
    let buffer: DeviceBuffer

    init(_ context: Context, byteCount: Int) throws(OpenCLError) {
      buffer = try DeviceBuffer(context, byteCount: byteCount)
    }
  }

  private let backend: Backend
  private let places = [Place(), Place()]
  private var current = 0
  /// The maximum bytes of the uploads that were counted last.
  private var countedByteCount = 0
  /// Whether uploads are only counted.
  private var isCounting = false

  package init(_ backend: Backend) {
    self.backend = backend
  }

  deinit {
    for place in places {
      try? place.copied?.wait()
      try? place.released?.wait()
    }
  }

  /// Counts the bytes of the uploads of a body, which gets indices without memory.
  package func counting<Result>(_ body: () throws -> Result) rethrows -> Result {
    countedByteCount = 0
    isCounting = true
    defer { isCounting = false }
    return try body()
  }

  /// Device memory that ``reserve()`` takes: a quarter more than was counted, for two uploads. What
  /// users have seen, which evaluations upload, differs from batch to batch.
  package var reservedByteCount: Int { 2 * (countedByteCount + countedByteCount / 4) }

  /// Makes room for every upload as large as those that were counted.
  ///
  /// - Throws: `OpenCLError.overBudget` when they do not fit the memory budget.
  package func reserve() throws {
    guard let context = backend.context, countedByteCount > 0 else { return }
    for place in places {
      try place.released?.wait()
      try place.copied?.wait()
      try reserve(reservedByteCount / 2, in: place, context)
    }
  }

  /// Starts copying and returns the arrays as kernels will see them.
  ///
  /// - Throws: `OpenCLError.overBudget` when the arrays do not fit the memory budget.
  func upload(_ plan: UploadPlan) throws -> UploadedArrays {
    UploadedArrays(arrays: try upload(plan.arrays), backend: backend)
  }

  private func upload(_ arrays: [UploadPlan.Values]) throws -> [Indices] {
    guard let context = backend.context, !backend.separatesArrays else {
      return try arrays.map { array in
        switch array {
        case .integers(let values): try backend.indices(values)
        case .numbers(let values):
          try backend.indices(values.map { Int32(bitPattern: $0.bitPattern) })
        }
      }
    }
    let offsets = Self.offsets(of: arrays)
    let byteCount = offsets.last ?? 0
    if isCounting {
      countedByteCount = max(countedByteCount, byteCount)
      return try arrays.map {
        backend.indices(try .counted(byteCount: max(4, $0.count * 4)), count: $0.count)
      }
    }
    current = 1 - current
    let place = places[current]
    try place.released?.wait()
    try place.copied?.wait()
    if place.byteCount < byteCount {
      // More than was counted: there may be more still.
      try reserve(byteCount + byteCount / 4, in: place, context)
    }
    guard let box = place.buffer, let staging = place.staging?.bytes else { return [] }
    for (array, offset) in zip(arrays, offsets) {
      array.withUnsafeBytes { bytes in
        guard let base = bytes.baseAddress else { return }
        (staging.baseAddress! + offset).copyMemory(from: base, byteCount: bytes.count)
      }
    }
    let whole = try box.buffer.slice(offset: 0, byteCount: box.buffer.byteCount)
    let used = UnsafeRawBufferPointer(rebasing: staging[..<byteCount])
    let copied = try context.uploads.write(used, to: whole)
    try context.uploads.flush()
    try context.compute.wait(for: copied)
    place.copied = copied
    return try zip(arrays, offsets).map { array, offset in
      backend.indices(
        try box.buffer.slice(offset: offset, byteCount: max(4, array.count * 4)),
        count: array.count)
    }
  }

  /// Records that everything that reads the last upload has been enqueued.
  package func release() throws {
    guard let context = backend.context, !isCounting else { return }
    places[current].released = try context.compute.marker()
    try context.compute.flush()
  }

  /// Where each array begins, and the end of the last.
  private static func offsets(of arrays: [UploadPlan.Values]) -> [Int] {
    arrays.reduce(into: [0]) { offsets, array in
      let byteCount = max(4, array.count * MemoryLayout<Int32>.stride)
      let rounded = (byteCount + Arena.alignment - 1) / Arena.alignment * Arena.alignment
      offsets.append(offsets[offsets.count - 1] + rounded)
    }
  }

  private func reserve(_ byteCount: Int, in place: Place, _ context: Context) throws {
    if place.byteCount >= byteCount { return }
    (place.buffer, place.staging) = (nil, nil)
    place.buffer = try BufferBox(context, byteCount: byteCount)
    place.staging = try backend.hostBuffer(byteCount: byteCount)
  }
}
