import Foundation

/// Median, minimum and maximum of repeated measurements.
public struct Spread: Sendable, Equatable {
  /// The median: the upper of the two middle values where their number is even.
  public let median: Double
  /// The minimum.
  public let low: Double
  /// The maximum.
  public let high: Double

  /// - Parameter values: at least one.
  public init(_ values: [Double]) {
    let sorted = values.sorted()
    precondition(!sorted.isEmpty, "Spread: no values")
    median = sorted[sorted.count / 2]
    low = sorted[0]
    high = sorted[sorted.count - 1]
  }
}

/// Processor time of this process.
enum ProcessorTime {
  /// Seconds since the start of the process, summed over its threads.
  static func seconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + 1e-9 * Double(time.tv_nsec)
  }
}
