import ClseqRuntime
import ClseqTestSupport
import Testing

@Suite struct UploadQueueTests {
  /// Two buffers alternate: batch k+1 is written while the kernel of batch k may still run. The
  /// kernel waits for its upload, the upload for the kernel that used its buffer before.
  @Test func aKernelSeesTheUploadThatItWaitedFor() throws {
    let context = try Context(try TestBackend.context().device)
    let sum = try context.kernel(
      "sum",
      of: KernelSource(
        name: "sum",
        text: """
          __attribute__((reqd_work_group_size(1, 1, 1))) __kernel void sum(
              __global const int *values, __global long *out, const int count, const int batch) {
            long total = 0;
            for (int i = 0; i < count; ++i) total += values[i];
            out[batch] = total;
          }
          """))
    let count = 1 << 16
    let batchCount = 24
    let places = try (0..<2).map { _ in
      try DeviceBuffer(context, byteCount: count * 4).slice()
    }
    let totals = try DeviceBuffer(context, byteCount: batchCount * 8).slice()
    let batches = (0..<batchCount).map { batch in
      UnsafeMutableBufferPointer<Int32>.copy(of: (0..<count).map { Int32($0 % 7 + batch) })
    }
    defer { for batch in batches { batch.deallocate() } }
    var read: [DeviceEvent] = []
    for (index, batch) in batches.enumerated() {
      if index >= 2 { try context.uploads.wait(for: read[index - 2]) }
      let place = places[index % 2]
      let written = try context.uploads.write(UnsafeRawBufferPointer(batch), to: place)
      try context.compute.wait(for: written)
      try context.launch(sum, Grid(groups: 1), place, totals, Int32(count), Int32(index))
      read.append(try context.compute.marker())
    }
    var result = [Int64](repeating: 0, count: batchCount)
    try result.withUnsafeMutableBytes { try context.compute.read(totals, into: $0) }
    #expect(result == batches.map { $0.reduce(0) { $0 + Int64($1) } })
  }

  @Test func anUploadTellsWhenTheHostMemoryIsFree() throws {
    let context = try Context(try TestBackend.context().device)
    let slice = try DeviceBuffer(context, byteCount: 16).slice()
    let host = UnsafeMutableBufferPointer<Int32>.copy(of: [1, 2, 3, 4])
    let written = try context.uploads.write(UnsafeRawBufferPointer(host), to: slice)
    try written.wait()
    host.deallocate()
    let nothing = try context.uploads.write(UnsafeRawBufferPointer(start: nil, count: 0), to: slice)
    try nothing.wait()
    var back = [Int32](repeating: 0, count: 4)
    try back.withUnsafeMutableBytes { try context.compute.read(slice, into: $0) }
    #expect(back == [1, 2, 3, 4])
    try context.uploads.finish()
  }
}

extension UnsafeMutableBufferPointer where Element == Int32 {
  fileprivate static func copy(of values: [Int32]) -> Self {
    let copy = Self.allocate(capacity: values.count)
    _ = copy.initialize(from: values)
    return copy
  }
}
