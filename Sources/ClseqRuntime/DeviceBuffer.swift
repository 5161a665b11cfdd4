public import COpenCL

/// Device memory with exactly one owner.
///
/// It is freed, and its bytes return to the budget of its context, when the owner and all slices of
/// it are gone.
public struct DeviceBuffer: ~Copyable {
  private let allocation: DeviceAllocation

  /// The OpenCL handle; nil in a counting context.
  public var handle: cl_mem? { allocation.handle }
  /// Size in bytes.
  public var byteCount: Int { allocation.byteCount }

  /// Allocates device memory; its contents are undefined.
  ///
  /// - Throws: `.tooLarge` when the device allows no allocation of this size, and `.overBudget`
  ///   when the context's budget does not, both before the device is called; `.call` when the
  ///   device refuses.
  public init(_ context: Context, byteCount: Int) throws(OpenCLError) {
    precondition(byteCount > 0, "DeviceBuffer: byteCount \(byteCount) must be positive")
    allocation = try DeviceAllocation(context, byteCount: byteCount)
  }

  /// The whole buffer as an argument of kernels. The slice keeps the memory alive.
  public func slice() throws(OpenCLError) -> DeviceSlice {
    try slice(offset: 0, byteCount: byteCount)
  }

  /// A part of this buffer as an argument of kernels. The slice keeps the memory alive.
  ///
  /// - Parameters:
  ///   - offset: in bytes, a multiple of `Arena.alignment`.
  ///   - byteCount: at least 1.
  /// - Throws: `.call` when the range leaves the buffer or the offset is not aligned.
  public func slice(offset: Int, byteCount: Int) throws(OpenCLError) -> DeviceSlice {
    try DeviceSlice(of: allocation, offset: offset, byteCount: byteCount)
  }
}

/// The memory of a buffer, shared by its owner and its slices.
final class DeviceAllocation {
  let handle: cl_mem?
  let byteCount: Int
  private let tracker: MemoryTracker

  init(_ context: Context, byteCount: Int) throws(OpenCLError) {
    let largest = context.device.largestAllocationByteCount
    guard byteCount <= largest else { throw .tooLarge(needed: byteCount, largest: largest) }
    try context.memory.take(byteCount)
    self.byteCount = byteCount
    tracker = context.memory
    if context.isCounting {
      handle = nil
      return
    }
    var code: Int32 = 0
    let made = clCreateBuffer(
      context.handle, cl_mem_flags(CL_MEM_READ_WRITE), byteCount, nil, &code)
    guard let made, code == CL_SUCCESS else {
      // A throw from here runs no `deinit`.
      context.memory.give(byteCount)
      throw .call("clCreateBuffer", code: code, attempted: "allocating \(byteCount) bytes")
    }
    handle = made
  }

  deinit {
    if let handle { clReleaseMemObject(handle) }
    tracker.give(byteCount)
  }
}

/// A range of device memory that kernels take as an argument.
public final class DeviceSlice {
  /// The OpenCL sub-buffer; nil in a counting pass, where nothing is launched.
  public let handle: cl_mem?
  /// Size in bytes.
  public let byteCount: Int
  private let parent: DeviceAllocation?
  private let release: (arena: Arena, range: Arena.Range)?
  /// Its place in its arena; nil for a part of a buffer.
  package var range: Arena.Range? { release?.range }

  init(
    of parent: DeviceAllocation?, offset: Int, byteCount: Int,
    release: (arena: Arena, range: Arena.Range)? = nil
  ) throws(OpenCLError) {
    var code: Int32 = CL_SUCCESS
    var region = cl_buffer_region(origin: offset, size: byteCount)
    handle = parent?.handle.flatMap {
      clCreateSubBuffer(
        $0, cl_mem_flags(CL_MEM_READ_WRITE),
        cl_buffer_create_type(CL_BUFFER_CREATE_TYPE_REGION), &region, &code)
    }
    self.byteCount = byteCount
    self.parent = parent
    self.release = release
    // A throw from here runs `deinit`, which gives the range back.
    try check(
      code, "clCreateSubBuffer",
      "creating a sub-buffer of \(byteCount) bytes at offset \(offset)")
  }

  /// A range without memory, for a counting pass.
  package static func counted(byteCount: Int) throws(OpenCLError) -> DeviceSlice {
    try DeviceSlice(of: nil, offset: 0, byteCount: byteCount)
  }

  deinit {
    if let handle { clReleaseMemObject(handle) }
    if let release { release.arena.give(release.range) }
  }
}
