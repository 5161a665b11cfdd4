public import ClseqRuntime

/// Memory of one tensor: a range of an arena on a device, or host memory for the reference.
package final class Storage {
  package let slice: DeviceSlice?
  package let host: UnsafeMutableRawPointer?
  private let parent: Storage?
  /// The tracker that counts host memory, and the bytes it counts.
  private let counted: (tracker: MemoryTracker, byteCount: Int)?

  init(slice: DeviceSlice) {
    self.slice = slice
    host = nil
    parent = nil
    counted = nil
  }

  /// - Throws: `OpenCLError.overBudget`.
  init(hostByteCount: Int, of tracker: MemoryTracker) throws(OpenCLError) {
    try tracker.take(hostByteCount)
    counted = (tracker, hostByteCount)
    slice = nil
    host = .allocate(byteCount: max(hostByteCount, 4), alignment: 64)
    parent = nil
  }

  /// None.
  init() {
    slice = nil
    host = nil
    parent = nil
    counted = nil
  }

  init(part offset: Int, of parent: Storage) {
    slice = nil
    host = parent.host.map { $0 + offset }
    self.parent = parent
    counted = nil
  }

  deinit {
    if parent == nil { host?.deallocate() }
    counted?.tracker.give(counted?.byteCount ?? 0)
  }
}

/// An array of numbers on a backend: a small value that shares its memory with its copies.
///
/// The memory returns to the backend's arena when the last copy is released.
public struct Tensor: KernelArgument {
  /// How a number is stored. Ops compute with float32; other types store values that wait, and tables.
  public enum ElementType: String, CaseIterable, Codable, Sendable {
    /// IEEE single precision.
    case float32
    /// Its upper half: 8 bits of exponent and 7 after the point.
    case bf16

    /// Bytes of an element.
    package var byteCount: Int {
      switch self {
      case .float32: 4
      case .bf16: 2
      }
    }
  }

  /// Lengths of the axes, the last one contiguous.
  public let shape: [Int]
  /// How the values are stored.
  public let elementType: ElementType
  /// Distinguishes tensors on a tape; never reused.
  package let id: UInt64
  package var storage: Storage

  /// Number of values.
  public var count: Int { shape.reduce(1, *) }

  /// The tensor without its values: for records of a tape that only pass gradients to it.
  package var identity: Tensor {
    Tensor(shape: shape, elementType: elementType, id: id, storage: Storage())
  }

  /// The values of a reference tensor of float32.
  package var floats: UnsafeMutableBufferPointer<Float> {
    guard let host = storage.host, elementType == .float32 else {
      preconditionFailure("Tensor.floats: on a device, or of \(elementType)")
    }
    return UnsafeMutableBufferPointer(start: host.assumingMemoryBound(to: Float.self), count: count)
  }

  /// The values of a reference tensor of bf16.
  var halves: UnsafeMutableBufferPointer<UInt16> {
    guard let host = storage.host, elementType == .bf16 else {
      preconditionFailure("Tensor.halves: on a device, or of \(elementType)")
    }
    return UnsafeMutableBufferPointer(
      start: host.assumingMemoryBound(to: UInt16.self), count: count)
  }

  /// Passes the device memory to a kernel.
  public func add(to arguments: inout KernelArguments) {
    guard let slice = storage.slice else {
      preconditionFailure("a tensor without device memory in a launch")
    }
    arguments.add(slice)
  }
}

/// An array of int32 values on a backend.
public struct Indices: KernelArgument {
  /// Number of values.
  public let count: Int
  package let storage: Storage

  /// The values of reference indices.
  package var values: UnsafeMutableBufferPointer<Int32> {
    guard let host = storage.host else { preconditionFailure("Indices.values: on a device") }
    return UnsafeMutableBufferPointer(start: host.assumingMemoryBound(to: Int32.self), count: count)
  }

  /// Passes the device memory to a kernel.
  public func add(to arguments: inout KernelArguments) {
    guard let slice = storage.slice else { preconditionFailure("reference indices in a launch") }
    arguments.add(slice)
  }
}
