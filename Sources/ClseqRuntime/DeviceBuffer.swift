public import COpenCL

/// Device memory that exactly one owner holds; freed when the owner ends.
///
/// It counts against the budget of its context from `init` to `deinit`.
public struct DeviceBuffer: ~Copyable {
  /// The OpenCL handle.
  public let handle: cl_mem
  /// Size in bytes.
  public let byteCount: Int
  private let ledger: MemoryLedger

  /// Allocates device memory; its contents are undefined.
  ///
  /// - Throws: `.overBudget` before asking the device when the context's budget is too small.
  public init(_ context: Context, byteCount: Int) throws(OpenCLError) {
    precondition(byteCount > 0, "DeviceBuffer: byteCount \(byteCount) must be positive")
    try context.memory.take(byteCount)
    var code: Int32 = 0
    let made = clCreateBuffer(
      context.handle, cl_mem_flags(CL_MEM_READ_WRITE), byteCount, nil, &code)
    guard let made, code == CL_SUCCESS else {
      context.memory.give(byteCount)
      throw .call("clCreateBuffer", code: code, attempted: "allocating \(byteCount) bytes")
    }
    handle = made
    self.byteCount = byteCount
    ledger = context.memory
  }

  deinit {
    clReleaseMemObject(handle)
    ledger.give(byteCount)
  }

  /// A part of this buffer as an argument of kernels. The part keeps the memory alive.
  ///
  /// - Parameters:
  ///   - offset: in bytes, a multiple of `Arena.alignment`.
  ///   - byteCount: at least 1.
  public func slice(offset: Int, byteCount: Int) throws(OpenCLError) -> DeviceSlice {
    try DeviceSlice(parent: handle, offset: offset, byteCount: byteCount, release: nil)
  }
}

/// A range of device memory that kernels take as an argument.
public final class DeviceSlice {
  /// The OpenCL sub-buffer; nil in a counting pass, where nothing is launched.
  public let handle: cl_mem?
  /// Size in bytes.
  public let byteCount: Int
  private let release: (arena: Arena, range: Arena.Range)?

  init(
    parent: cl_mem?, offset: Int, byteCount: Int, release: (arena: Arena, range: Arena.Range)?
  ) throws(OpenCLError) {
    var code: Int32 = CL_SUCCESS
    var region = cl_buffer_region(origin: offset, size: byteCount)
    handle = parent.flatMap {
      clCreateSubBuffer(
        $0, cl_mem_flags(CL_MEM_READ_WRITE), cl_buffer_create_type(CL_BUFFER_CREATE_TYPE_REGION),
        &region, &code)
    }
    self.byteCount = byteCount
    self.release = release
    try check(code, "clCreateSubBuffer", "taking \(byteCount) bytes at offset \(offset)")
  }

  deinit {
    if let handle { clReleaseMemObject(handle) }
    if let release { release.arena.give(release.range) }
  }
}

/// Bytes allocated on a device: budget, in use, peak.
///
/// OpenCL implementations differ in what they do when memory runs out (pocl ends the process), so
/// the budget says no first.
public final class MemoryLedger {
  /// Most bytes that may be in use.
  public let budget: Int
  /// Bytes in use now.
  public private(set) var inUse = 0
  /// Most bytes in use so far.
  public private(set) var peak = 0

  init(budget: Int) {
    self.budget = budget
  }

  func take(_ byteCount: Int) throws(OpenCLError) {
    guard byteCount <= budget - inUse else {
      throw .overBudget(needed: byteCount, free: budget - inUse, budget: budget)
    }
    inUse += byteCount
    peak = max(peak, inUse)
  }

  func give(_ byteCount: Int) {
    inUse -= byteCount
  }
}
