/// Bytes allocated on a device, or by the reference on the host: budget, in use, peak.
///
/// OpenCL implementations differ in what they do when memory runs out (pocl ends the process), so
/// allocations beyond the budget are refused first.
public final class MemoryTracker {
  /// Maximum number of bytes in use.
  public let budget: Int
  /// Bytes in use now.
  public private(set) var inUse = 0
  /// Maximum of the bytes in use so far.
  public private(set) var peak = 0
  /// How many more allocations succeed before one fails, for tests of that failure; nil for all.
  package var allocationsBeforeFailure: Int?

  package init(budget: Int) {
    self.budget = budget
  }

  package func take(_ byteCount: Int) throws(OpenCLError) {
    if let count = allocationsBeforeFailure { allocationsBeforeFailure = count - 1 }
    guard byteCount <= budget - inUse, allocationsBeforeFailure != -1 else {
      throw .overBudget(needed: byteCount, free: budget - inUse, budget: budget)
    }
    inUse += byteCount
    peak = max(peak, inUse)
  }

  package func give(_ byteCount: Int) {
    inUse -= byteCount
  }
}
