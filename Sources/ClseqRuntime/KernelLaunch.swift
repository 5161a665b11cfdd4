import COpenCL

/// A built kernel.
public final class Kernel {
  /// The kernel's name in its source.
  public let name: String
  /// How many arguments it takes.
  public let argumentCount: Int
  /// What each argument is, as far as the implementation tells.
  let kinds: [KernelArgumentKind]
  let handle: cl_kernel

  init(_ name: String, of program: cl_program, in source: String) throws(OpenCLError) {
    var code: Int32 = 0
    let made = clCreateKernel(program, name, &code)
    guard let made, code == CL_SUCCESS else {
      throw .call("clCreateKernel", code: code, attempted: "creating kernel \(name) of '\(source)'")
    }
    var count: cl_uint = 0
    code = clGetKernelInfo(
      made, cl_kernel_info(CL_KERNEL_NUM_ARGS), MemoryLayout<cl_uint>.size, &count, nil)
    self.name = name
    handle = made
    argumentCount = Int(count)
    kinds = code == CL_SUCCESS ? Self.kinds(of: made, count: Int(count)) : []
    try check(code, "clGetKernelInfo", "counting the arguments of \(name)")
  }

  deinit {
    clReleaseKernel(handle)
  }

  /// Compares the work-groups that the source asks for with the maximum for this kernel, which a
  /// device may set lower than that for all, where a kernel needs many registers.
  func checkLimits(of device: Device) throws(OpenCLError) {
    func value<T: BitwiseCopyable>(_ info: Int32, _ zero: T) -> T? {
      var value = zero
      let code = clGetKernelWorkGroupInfo(
        handle, device.handle, cl_kernel_work_group_info(info), MemoryLayout<T>.size, &value, nil)
      return code == CL_SUCCESS ? value : nil
    }
    if let size = value(CL_KERNEL_COMPILE_WORK_GROUP_SIZE, (0, 0, 0)),
      let limit = value(CL_KERNEL_WORK_GROUP_SIZE, 0), size.0 * size.1 * size.2 > limit
    {
      throw .aboveLimit(
        "kernel \(name) needs work-groups of \(size.0 * size.1 * size.2) items",
        device: device.name, limit: "it \(limit)")
    }
    if let bytes = value(CL_KERNEL_LOCAL_MEM_SIZE, cl_ulong(0)),
      bytes > device.localMemoryByteCount
    {
      throw .aboveLimit(
        "kernel \(name) needs \(bytes) bytes of local memory", device: device.name,
        limit: "\(device.localMemoryByteCount)")
    }
  }
}

/// The number of work-groups, and of work-items in each.
///
/// Counting groups rather than items keeps the global size a multiple of the local size.
public struct Grid: CustomStringConvertible, Sendable {
  /// Work-groups along three axes.
  public var groups: (Int, Int, Int)
  /// Work-items of a group along three axes.
  public var size: (Int, Int, Int)

  /// A grid of `groups`, each of `size` work-items.
  public init(groups: (Int, Int, Int), size: (Int, Int, Int) = (1, 1, 1)) {
    self.groups = groups
    self.size = size
  }

  /// A one-dimensional grid of `groups`, each of `size` work-items.
  public init(groups: Int, size: Int = 1) {
    self.init(groups: (groups, 1, 1), size: (size, 1, 1))
  }

  /// Whether there is nothing to run.
  public var isEmpty: Bool { groups.0 == 0 || groups.1 == 0 || groups.2 == 0 }

  /// "4×1×1 groups of 64×1×1".
  public var description: String {
    "\(groups.0)×\(groups.1)×\(groups.2) groups of \(size.0)×\(size.1)×\(size.2)"
  }

  func withSizes<R>(_ body: (UnsafePointer<Int>, UnsafePointer<Int>) -> R) -> R {
    let global = [groups.0 * size.0, groups.1 * size.1, groups.2 * size.2]
    let local = [size.0, size.1, size.2]
    return body(global, local)
  }
}

/// The work of one launch, for rates in the profile.
public struct KernelCost: Sendable {
  /// Floating-point operations.
  public var flops: Double
  /// Minimum number of bytes that move between memory and compute units.
  public var bytes: Double

  /// A launch of `flops` operations that moves `bytes` bytes; zero means unknown.
  public init(flops: Double = 0, bytes: Double = 0) {
    self.flops = flops
    self.bytes = bytes
  }
}
