public import ClseqRuntime

/// Where ops run: on an OpenCL device, or as plain loops on the host.
///
/// A backend belongs to one thread.
public final class Backend {
  /// The opened device; nil for the reference.
  public let context: Context?
  /// Form of the heavy kernels.
  public let tuning: Tuning
  /// How values that wait for the backward pass, and trained tables with their moments, are stored.
  public let storage: Tensor.ElementType
  /// What multiplies matrices; nil for the ordinary arithmetic of the device.
  package let matrixUnit: MatrixUnit?
  /// Whether every array is a separate buffer.
  package let separatesArrays: Bool
  var arena: Arena?
  /// For values in another type, which wait for the backward pass: among the others they would leave gaps.
  var waitingArena: Arena?
  /// Memory of the reference's tensors.
  private let hostMemory: MemoryTracker
  var isCounting = false
  /// The total cost of the launches in a counting context.
  public internal(set) var countedCost = KernelCost()
  /// The launches in a counting context, in their order.
  public internal(set) var countedLaunches: [CountedLaunch] = []
  private var nextIdentifier: UInt64 = 0
  /// Kernels that have been launched.
  var kernels: [KernelKey: Kernel] = [:]

  /// A backend that launches kernels.
  ///
  /// - Parameters:
  ///   - context: the context of the device.
  ///   - tuning: the form of the heavy kernels; the one that suits the device when absent.
  ///   - precision: of products on a GPU. `MatrixUnit.fault` tells whether a device has it.
  ///   - storage: of values that wait for the backward pass, and of trained tables with their moments.
  ///   - ranges: how tensors' memory is handed out, to find errors in kernels.
  public convenience init(
    _ context: Context, tuning: Tuning? = nil, precision: Precision = .float32,
    storage: Tensor.ElementType = .float32, ranges: Arena.Ranges = .reused
  ) {
    self.init(
      context, tuning: tuning, matrixUnit: MatrixUnit(precision), storage: storage, ranges: ranges)
  }

  /// The same, with a matrix unit, or its twin for tests.
  package init(
    _ context: Context, tuning: Tuning? = nil, matrixUnit: MatrixUnit?,
    storage: Tensor.ElementType = .float32, ranges: Arena.Ranges = .reused
  ) {
    self.context = context
    self.storage = storage
    let tuning = tuning ?? Tuning(for: context.device)
    self.tuning = tuning
    self.matrixUnit = tuning == .gpu ? matrixUnit : nil
    separatesArrays = ranges == .separate
    arena = Arena(context, ranges: ranges)
    waitingArena = Arena(context, ranges: ranges)
    isCounting = context.isCounting
    hostMemory = context.memory
  }

  private init(hostBudget: Int, storage: Tensor.ElementType) {
    self.storage = storage
    hostMemory = MemoryTracker(budget: hostBudget)
    context = nil
    tuning = .gpu
    matrixUnit = nil
    separatesArrays = false
  }

  /// A backend that runs every op's reference in simple loops, for tests and comparisons.
  ///
  /// - Parameters:
  ///   - memoryBudget: maximum number of bytes of its tensors on the host.
  ///   - storage: of values that wait for the backward pass, and of trained tables with their moments.
  public static func reference(
    memoryBudget: Int = .max, storage: Tensor.ElementType = .float32
  ) -> Backend {
    Backend(hostBudget: memoryBudget, storage: storage)
  }

  /// Whether ops run as plain loops.
  public var isReference: Bool { context == nil }

  /// Bytes of arena memory that live tensors hold; 0 for the reference.
  public var bytesInUse: Int { (arena?.inUse ?? 0) + (waitingArena?.inUse ?? 0) }

  // MARK: Memory

  /// Gives device memory back that no tensor is in, for work whose tensors grow from step to step.
  public func releaseUnusedMemory() {
    arena?.trim()
    waitingArena?.trim()
  }

  /// A tensor of undefined values.
  ///
  /// - Throws: `OpenCLError.overBudget` when memory runs out.
  public func empty(_ shape: [Int]) throws -> Tensor {
    try empty(shape, .float32)
  }

  /// The same of a type.
  func empty(_ shape: [Int], _ elementType: Tensor.ElementType) throws -> Tensor {
    tensor(
      shape, elementType, in: try memory(shape.reduce(1, *) * elementType.byteCount))
  }

  /// Undefined values of a type under the identity of a tensor.
  func empty(like tensor: Tensor, _ elementType: Tensor.ElementType) throws -> Tensor {
    Tensor(
      shape: tensor.shape, elementType: elementType, id: tensor.id,
      storage: try memory(
        tensor.count * elementType.byteCount, waits: elementType != .float32))
  }

  /// A tensor of zeros.
  ///
  /// - Throws: `OpenCLError` when memory runs out or the device refuses.
  public func zeros(_ shape: [Int]) throws -> Tensor {
    try filled(shape, with: 0)
  }

  /// A tensor of one value. The host does not wait.
  ///
  /// - Throws: `OpenCLError` when memory runs out or the device refuses.
  public func filled(_ shape: [Int], with value: Float) throws -> Tensor {
    let tensor = try empty(shape)
    try fill(tensor, with: value)
    return tensor
  }

  /// A tensor of the given values. The host waits until everything launched before has run.
  public func tensor(_ values: [Float], _ shape: [Int]) throws -> Tensor {
    let tensor = try empty(shape)
    precondition(values.count == tensor.count, "tensor: \(values.count) values for \(shape)")
    try write(values, to: tensor)
    return tensor
  }

  /// Indices of the given values.
  public func indices(_ values: [Int32]) throws -> Indices {
    let storage = try memory(values.count * MemoryLayout<Int32>.stride)
    try values.withUnsafeBytes { try write($0, to: storage) }
    return Indices(count: values.count, storage: storage)
  }

  /// Indices of undefined values.
  public func emptyIndices(_ count: Int) throws -> Indices {
    Indices(count: count, storage: try memory(count * MemoryLayout<Int32>.stride))
  }

  /// Indices in device memory that the caller has filled.
  package func indices(_ slice: DeviceSlice, count: Int) -> Indices {
    Indices(count: count, storage: Storage(slice: slice))
  }

  /// Replaces a tensor's values; in bf16 they are rounded to the nearest.
  public func write(_ values: [Float], to tensor: Tensor) throws {
    precondition(values.count == tensor.count, "write: \(values.count) values, \(tensor.shape)")
    switch tensor.elementType {
    case .float32: try values.withUnsafeBytes { try write($0, to: tensor.storage) }
    case .bf16:
      try values.map { BFloat16Reference.round($0) }.withUnsafeBytes {
        try write($0, to: tensor.storage)
      }
    }
  }

  /// The values of a tensor, after everything launched so far. Zeros in a counting pass.
  public func read(_ tensor: Tensor) throws -> [Float] {
    switch tensor.elementType {
    case .float32: try read(tensor.storage, tensor.count, zero: Float(0))
    case .bf16:
      try read(tensor.storage, tensor.count, zero: UInt16(0)).map { BFloat16Reference.widen($0) }
    }
  }

  /// The values of indices, after everything launched so far. Zeros in a counting pass.
  public func read(_ indices: Indices) throws -> [Int32] {
    try read(indices.storage, indices.count, zero: Int32(0))
  }

  /// Memory of the host for values that are read while the device works; pinned where it has one.
  ///
  /// - Throws: `OpenCLError.call` when the device refuses.
  package func hostBuffer(byteCount: Int) throws -> HostBuffer {
    try HostBuffer(context, byteCount: byteCount)
  }

  /// Starts reading a tensor after everything launched so far.
  ///
  /// - Parameters:
  ///   - tensor: the values to read.
  ///   - target: must stay alive until the event has completed. In a `HostBuffer`, where the host
  ///     must not wait.
  /// - Returns: the completion; nil when the values are there already.
  public func startReading(
    _ tensor: Tensor, into target: UnsafeMutableBufferPointer<Float>
  ) throws -> DeviceEvent? {
    precondition(tensor.count == target.count, "read: \(tensor.shape) into \(target.count)")
    if let slice = tensor.storage.slice, let context {
      return try context.compute.startReading(slice, into: UnsafeMutableRawBufferPointer(target))
    }
    _ = target.update(from: tensor.floats)
    return nil
  }

  /// Sets every value of a tensor to zero.
  public func fillZero(_ tensor: Tensor) throws {
    try fill(tensor, with: 0)
  }

  /// Sets every value of a tensor to one value.
  private func fill(_ tensor: Tensor, with value: Float) throws {
    if isCounting || tensor.count == 0 { return }
    if separatesArrays {
      // To oclgrind, memory filled by clEnqueueFillBuffer is still uninitialised.
      try write([Float](repeating: value, count: tensor.count), to: tensor)
    } else if let slice = tensor.storage.slice, let context {
      precondition(tensor.elementType == .float32 || value == 0, "fill: \(value) in bf16")
      try context.compute.fill(
        slice, byteCount: tensor.count * tensor.elementType.byteCount, with: value.bitPattern)
    } else {
      switch tensor.elementType {
      case .float32: tensor.floats.update(repeating: value)
      case .bf16: tensor.halves.update(repeating: BFloat16Reference.round(value))
      }
    }
  }

  /// Copies the values of one tensor into another of the same size.
  public func copy(_ source: Tensor, to target: Tensor) throws {
    precondition(
      source.count == target.count && source.elementType == target.elementType,
      "copy: \(source.shape) to \(target.shape)")
    if isCounting || source.count == 0 { return }
    if let from = source.storage.slice, let to = target.storage.slice, let context {
      try context.compute.copy(
        from, to: to, byteCount: source.count * source.elementType.byteCount)
    } else {
      target.floats.baseAddress?.update(
        from: source.floats.baseAddress ?? target.floats.baseAddress!, count: source.count)
    }
  }

  // MARK: Inner parts

  /// A new tensor in some memory.
  func tensor(
    _ shape: [Int], _ elementType: Tensor.ElementType, in storage: Storage
  ) -> Tensor {
    nextIdentifier += 1
    return Tensor(shape: shape, elementType: elementType, id: nextIdentifier, storage: storage)
  }

  private func memory(_ byteCount: Int, waits: Bool = false) throws -> Storage {
    if let arena = waits ? waitingArena : arena {
      return Storage(slice: try arena.take(byteCount: byteCount))
    }
    return try Storage(hostByteCount: byteCount, of: hostMemory)
  }

  private func write(_ bytes: UnsafeRawBufferPointer, to storage: Storage) throws {
    if isCounting || bytes.isEmpty { return }
    if let slice = storage.slice, let context {
      try context.compute.writeAndWait(bytes, to: slice)
    } else if let base = bytes.baseAddress {
      storage.host?.copyMemory(from: base, byteCount: bytes.count)
    }
  }

  private func read<T: BitwiseCopyable>(
    _ storage: Storage, _ count: Int, zero: T
  ) throws -> [T] {
    var values = [T](repeating: zero, count: count)
    if isCounting || count == 0 { return values }
    try values.withUnsafeMutableBytes { bytes in
      if let slice = storage.slice, let context {
        try context.compute.read(slice, into: bytes)
      } else if let host = storage.host {
        bytes.copyMemory(from: UnsafeRawBufferPointer(start: host, count: bytes.count))
      }
    }
    return values
  }
}
