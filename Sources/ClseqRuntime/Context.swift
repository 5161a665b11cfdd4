public import COpenCL

/// One device made ready for work: queues, memory budget, program cache, profile.
///
/// A context belongs to one thread. Kernels run in the order of their launches on the compute
/// queue; uploads run concurrently on a separate queue.
public final class Context {
  /// The device that this context uses.
  public let device: Device
  /// Bytes allocated: budget, in use, peak.
  public let memory: MemoryTracker
  /// Kernels launch here, in order.
  public let compute: CommandQueue
  /// Uploads go here and overlap with kernels.
  public let uploads: CommandQueue
  /// Time of every launch, by kernel; nil without profiling.
  public let profile: Profile?
  /// Dry run: allocations are counted, nothing is enqueued. Writes are discarded; reads leave the
  /// destination unchanged.
  public let isCounting: Bool
  /// The OpenCL handle.
  public let handle: cl_context
  let programs: ProgramCache
  /// Called before and after each build of a program, on the thread of the context.
  public var onBuild: ((ProgramBuild) -> Void)? {
    get { programs.onBuild }
    set { programs.onBuild = newValue }
  }

  /// Opens a device.
  ///
  /// - Parameters:
  ///   - device: the device.
  ///   - memoryBudget: maximum number of bytes of device memory; 90 % of the device's memory when
  ///     absent.
  ///   - profiling: whether every launch is timed.
  ///   - sourceFolder: a folder whose `NAME.cl` files replace the texts of every source that
  ///     callers pass, so that a kernel can be edited without a rebuild; it must hold all that are
  ///     used.
  ///   - buildOptions: options that every program is built with, before its own.
  ///   - counting: whether memory is only counted and nothing runs, to learn how much a program
  ///     needs.
  /// - Throws: `OpenCLError.call` when the device refuses, `.aboveLimit` when its sub-buffers must be
  ///   aligned to more than `Arena.alignment`.
  public init(
    _ device: Device, memoryBudget: Int? = nil, profiling: Bool = false,
    sourceFolder: String? = nil, buildOptions: [String] = [], counting: Bool = false
  ) throws(OpenCLError) {
    guard Arena.alignment.isMultiple(of: max(device.alignmentByteCount, 1)) else {
      throw .aboveLimit(
        "sub-buffers start at multiples of \(Arena.alignment) bytes", device: device.name,
        limit: "multiples of \(device.alignmentByteCount)")
    }
    var code: Int32 = 0
    var ids: [cl_device_id?] = [device.handle]
    let made = clCreateContext(nil, 1, &ids, nil, nil, &code)
    guard let made, code == CL_SUCCESS else {
      throw .call("clCreateContext", code: code, attempted: "opening \(device.name)")
    }
    handle = made
    self.device = device
    isCounting = counting
    memory = MemoryTracker(budget: memoryBudget ?? device.memoryByteCount / 10 * 9)
    profile = profiling ? Profile() : nil
    programs = ProgramCache(
      context: made, device: device, sourceFolder: sourceFolder, buildOptions: buildOptions)
    do {
      compute = try CommandQueue(
        context: made, device: device, profiling: profiling, counting: counting)
      uploads = try CommandQueue(
        context: made, device: device, profiling: false, counting: counting)
    } catch {
      clReleaseContext(made)
      throw error
    }
  }

  deinit {
    clReleaseContext(handle)
  }

  /// A kernel of a source, built on first use and kept.
  ///
  /// - Throws: `.build` with the compiler's log, `.call` when the source has no such kernel,
  ///   `.noSource` when the source folder lacks a file, `.aboveLimit` when its work-groups have more
  ///   items or local memory than the device allows for it.
  public func kernel(
    _ name: String, of source: KernelSource, options: [String] = []
  ) throws(OpenCLError) -> Kernel {
    try programs.kernel(name, of: source, options: options)
  }

  /// Every kernel of the programs built so far, launched or not, with its source.
  package func builtKernels() throws(OpenCLError) -> [(source: String, kernel: String)] {
    try programs.builtKernels()
  }

  /// Enqueues a kernel on the compute queue.
  ///
  /// - Parameters:
  ///   - kernel: the kernel.
  ///   - grid: the work-groups and their size.
  ///   - cost: the work of the launch, from which the profile computes rates.
  ///   - arguments: the kernel's arguments in its order, all of them; a structure may stand for several.
  /// - Throws: `.argument` when an argument is of another type than the kernel's, where OpenCL tells
  ///   that; `.call` when the number of arguments, an argument's size or the grid does not suit the
  ///   kernel.
  public func launch<each A: KernelArgument>(
    _ kernel: Kernel, _ grid: Grid, cost: KernelCost = KernelCost(),
    _ arguments: repeat each A
  ) throws(OpenCLError) {
    var passed = KernelArguments(of: kernel)
    passed.add(repeat each arguments)
    try passed.check()
    if grid.isEmpty { return }
    let event = try compute.enqueue(kernel, grid, wantsEvent: profile != nil)
    if let profile, let event { try profile.add(kernel.name, event, cost) }
  }
}
