import COpenCL

/// A value that a launch passes to a kernel: a number, device memory, local memory, or a structure of
/// several arguments that follow each other.
public protocol KernelArgument {
  /// Adds the value's arguments to those of a launch, in the kernel's order.
  func add(to arguments: inout KernelArguments)
}

/// The arguments of one launch, as its values add them.
public struct KernelArguments {
  /// How many have been added.
  public private(set) var count = 0
  private let kernel: Kernel
  /// The first argument that OpenCL refused, and its code.
  private var refused: (index: Int, code: Int32)?
  /// The first argument of another type than the kernel's.
  private var misfit: (index: Int, given: KernelArgumentKind)?

  init(of kernel: Kernel) {
    self.kernel = kernel
  }

  /// Adds several values.
  public mutating func add<each A: KernelArgument>(_ values: repeat each A) {
    repeat (each values).add(to: &self)
  }

  /// Adds a value's bytes.
  ///
  /// - Parameters:
  ///   - value: a value whose layout is that of the kernel's type.
  ///   - kind: compared with the kernel's declaration; `unknown` is not checked.
  public mutating func add(_ value: some BitwiseCopyable, as kind: KernelArgumentKind) {
    withUnsafePointer(to: value) { add($0, byteCount: MemoryLayout.size(ofValue: value), kind) }
  }

  /// Adds device memory.
  public mutating func add(_ slice: DeviceSlice) {
    var memory: cl_mem? = slice.handle
    add(&memory, byteCount: MemoryLayout<cl_mem?>.size, .buffer)
  }

  fileprivate mutating func add(
    _ bytes: UnsafeRawPointer?, byteCount: Int, _ kind: KernelArgumentKind
  ) {
    defer { count += 1 }
    if count < kernel.kinds.count {
      let expected = kernel.kinds[count]
      guard expected == kind || expected == .unknown || kind == .unknown else {
        if misfit == nil { misfit = (count, kind) }
        return
      }
    }
    let code = clSetKernelArg(kernel.handle, cl_uint(count), byteCount, bytes)
    if code != CL_SUCCESS, refused == nil { refused = (count, code) }
  }

  /// - Throws: `.argument` when one is of another type than the kernel's; `.call` when their number or
  ///   one's size does not suit the kernel.
  func check() throws(OpenCLError) {
    // A kernel keeps the arguments of its last launch, so that missing ones would not be noticed.
    guard count == kernel.argumentCount else {
      throw .call(
        "clSetKernelArg", code: CL_INVALID_KERNEL_ARGS,
        attempted:
          "passing \(count) arguments to \(kernel.name), which takes \(kernel.argumentCount)")
    }
    if let misfit {
      let (type, name) = kernel.parameter(misfit.index)
      throw .argument(
        kernel: kernel.name, name: name, index: misfit.index, expected: type,
        given: misfit.given.name)
    }
    if let refused {
      throw .call(
        "clSetKernelArg", code: refused.code,
        attempted: "setting argument \(refused.index) of \(kernel.name)")
    }
  }
}

extension KernelArgument where Self: BitwiseCopyable {
  /// Adds the value's bytes, whose type is not checked.
  public func add(to arguments: inout KernelArguments) { arguments.add(self, as: .unknown) }
}

extension Int32: KernelArgument {
  /// `int` of OpenCL C.
  public func add(to arguments: inout KernelArguments) { arguments.add(self, as: .int) }
}
extension UInt32: KernelArgument {
  /// `uint` of OpenCL C.
  public func add(to arguments: inout KernelArguments) { arguments.add(self, as: .uint) }
}
extension Int64: KernelArgument {
  /// `long` of OpenCL C.
  public func add(to arguments: inout KernelArguments) { arguments.add(self, as: .long) }
}
extension UInt64: KernelArgument {
  /// `ulong` of OpenCL C.
  public func add(to arguments: inout KernelArguments) { arguments.add(self, as: .ulong) }
}
extension Float: KernelArgument {
  /// `float` of OpenCL C.
  public func add(to arguments: inout KernelArguments) { arguments.add(self, as: .float) }
}

extension DeviceSlice: KernelArgument {
  /// Device memory.
  public func add(to arguments: inout KernelArguments) { arguments.add(self) }
}

/// Local memory of a work-group.
public struct LocalMemory: KernelArgument {
  /// Size in bytes.
  public let byteCount: Int

  /// Local memory of `byteCount` bytes.
  public init(byteCount: Int) {
    self.byteCount = byteCount
  }

  /// Local memory of this size.
  public func add(to arguments: inout KernelArguments) {
    arguments.add(nil, byteCount: byteCount, .local)
  }
}
