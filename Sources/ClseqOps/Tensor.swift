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

/// An array of float32 values on a backend: a small value that shares its memory with its copies.
///
/// The memory returns to the backend's arena when the last copy is released.
public struct Tensor: KernelArgument {
  /// Lengths of the axes, the last one contiguous.
  public let shape: [Int]
  /// Distinguishes tensors on a tape; never reused.
  package let id: UInt64
  package var storage: Storage

  /// Number of values.
  public var count: Int { shape.reduce(1, *) }

  /// The values of a reference tensor.
  package var floats: UnsafeMutableBufferPointer<Float> {
    guard let host = storage.host else { preconditionFailure("Tensor.floats: on a device") }
    return UnsafeMutableBufferPointer(start: host.assumingMemoryBound(to: Float.self), count: count)
  }

  /// Passes the device memory to a kernel.
  public func add(to arguments: inout KernelArguments) {
    guard let slice = storage.slice else { preconditionFailure("a reference tensor in a launch") }
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
