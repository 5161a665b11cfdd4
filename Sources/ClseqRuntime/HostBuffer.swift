import COpenCL

/// Memory of the host that a device copies from and to while the host goes on.
///
/// It is pinned: allocated by the OpenCL implementation and mapped once. Drivers make the host wait for
/// copies of other memory, though a call says that it returns at once (NVIDIA's, for one).
public final class HostBuffer {
  /// The bytes, undefined at first.
  public let bytes: UnsafeMutableRawBufferPointer
  private let pinned: (queue: CommandQueue, handle: cl_mem)?

  /// Allocates memory.
  ///
  /// - Parameters:
  ///   - context: The device that copies; nil for plain memory.
  ///   - byteCount: At least 1.
  /// - Throws: `.call` when the device refuses.
  public init(_ context: Context?, byteCount: Int) throws(OpenCLError) {
    precondition(byteCount > 0, "HostBuffer: byteCount \(byteCount) must be positive")
    guard let context, !context.isCounting else {
      bytes = .allocate(byteCount: byteCount, alignment: 64)
      pinned = nil
      return
    }
    let flags = cl_mem_flags(CL_MEM_READ_WRITE | CL_MEM_ALLOC_HOST_PTR)
    var code: Int32 = 0
    let made = clCreateBuffer(context.handle, flags, byteCount, nil, &code)
    guard let made, code == CL_SUCCESS else {
      throw .call("clCreateBuffer", code: code, attempted: "pinning \(byteCount) bytes")
    }
    let access = cl_map_flags(CL_MAP_READ | CL_MAP_WRITE)
    let mapped = clEnqueueMapBuffer(
      context.uploads.handle, made, cl_bool(CL_TRUE), access, 0, byteCount, 0, nil, nil, &code)
    guard let mapped, code == CL_SUCCESS else {
      clReleaseMemObject(made)
      throw .call("clEnqueueMapBuffer", code: code, attempted: "mapping \(byteCount) bytes")
    }
    bytes = UnsafeMutableRawBufferPointer(start: mapped, count: byteCount)
    pinned = (context.uploads, made)
  }

  deinit {
    guard let pinned else { return bytes.deallocate() }
    clEnqueueUnmapMemObject(pinned.queue.handle, pinned.handle, bytes.baseAddress, 0, nil, nil)
    clReleaseMemObject(pinned.handle)
  }
}
