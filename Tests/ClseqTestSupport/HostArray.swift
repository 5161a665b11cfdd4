/// An array at a fixed address, for references.
public final class HostArray<Element: BitwiseCopyable> {
  /// The memory, for a reference.
  public let buffer: UnsafeMutableBufferPointer<Element>

  /// A copy of an array.
  public init(_ values: [Element]) {
    buffer = .allocate(capacity: values.count)
    _ = buffer.initialize(from: values)
  }

  deinit {
    buffer.deallocate()
  }

  /// A copy of the memory.
  public var values: [Element] { Array(buffer) }
}

extension HostArray where Element == Double {
  /// Zeros.
  public convenience init(count: Int) {
    self.init([Double](repeating: 0, count: count))
  }

  /// The gradient of a function of this array by central differences.
  ///
  /// - Parameter function: reads the array and returns one number.
  public func centralDifferences(step: Double = 1e-5, _ function: () -> Double) -> [Double] {
    buffer.indices.map { index in
      let value = buffer[index]
      buffer[index] = value + step
      let above = function()
      buffer[index] = value - step
      let below = function()
      buffer[index] = value
      return (above - below) / (2 * step)
    }
  }
}
