import ClseqOps
import ClseqRuntime

/// Brings arrays of integers to a backend ahead of the steps that use them.
///
/// It owns two places. While the kernels of one batch run from the first, the next batch is copied
/// into the second on the upload queue; the compute queue waits for the copy, the host does not. A
/// place is written again only when the step that read it has ended, which also keeps the host at
/// most two steps ahead of the device.
final class BatchUploader {
  private final class Place {
    var buffer: BufferBox?
    var staging: UnsafeMutableRawBufferPointer = .init(start: nil, count: 0)
    var copied: DeviceEvent?
    var released: DeviceEvent?

    deinit { staging.deallocate() }
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

  init(_ backend: Backend) {
    self.backend = backend
  }

  deinit {
    for place in places {
      try? place.copied?.wait()
      try? place.released?.wait()
    }
  }

  /// Starts copying and returns the arrays as kernels will see them.
  ///
  /// - Throws: `OpenCLError.overBudget` when the arrays do not fit the memory budget.
  func upload(_ arrays: [[Int32]]) throws -> [Indices] {
    guard let context = backend.context, !backend.separatesArrays else {
      return try arrays.map(backend.indices)
    }
    current = 1 - current
    let place = places[current]
    try place.released?.wait()
    try place.copied?.wait()
    let offsets = Self.offsets(of: arrays)
    try reserve(offsets.last ?? 0, in: place, context)
    guard let box = place.buffer else { return [] }
    for (array, offset) in zip(arrays, offsets) {
      array.withUnsafeBytes { bytes in
        guard let base = bytes.baseAddress else { return }
        (place.staging.baseAddress! + offset).copyMemory(from: base, byteCount: bytes.count)
      }
    }
    let whole = try box.buffer.slice(offset: 0, byteCount: box.buffer.byteCount)
    let used = UnsafeRawBufferPointer(rebasing: place.staging[..<(offsets.last ?? 0)])
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

  /// Tells that everything that reads the last upload has been enqueued.
  func release() throws {
    guard let context = backend.context else { return }
    places[current].released = try context.compute.marker()
    try context.compute.flush()
  }

  /// Where each array begins, and the end of the last.
  private static func offsets(of arrays: [[Int32]]) -> [Int] {
    arrays.reduce(into: [0]) { offsets, array in
      let byteCount = max(4, array.count * MemoryLayout<Int32>.stride)
      let rounded = (byteCount + Arena.alignment - 1) / Arena.alignment * Arena.alignment
      offsets.append(offsets[offsets.count - 1] + rounded)
    }
  }

  private func reserve(_ byteCount: Int, in place: Place, _ context: Context) throws {
    if place.staging.count >= byteCount { return }
    place.buffer = nil
    place.staging.deallocate()
    place.staging = .init(start: nil, count: 0)
    let grown = byteCount + byteCount / 4
    place.buffer = try BufferBox(context, byteCount: grown)
    place.staging = .allocate(byteCount: grown, alignment: 64)
  }
}
