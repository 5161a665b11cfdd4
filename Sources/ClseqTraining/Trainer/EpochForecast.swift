/// Foretells how long the steps of an epoch take from a few of them, after some that warm up.
package struct EpochForecast {
  /// Steps that are not measured: their kernels are loaded and their memory is touched for the first
  /// time.
  package static let warmUpSteps = 2

  private let measuredSteps: Int
  private let epochEvents: Int
  private let now: () -> Double
  private var steps = 0
  private var events = 0
  private var start = 0.0

  /// - Parameters:
  ///   - measuredSteps: at least 1.
  ///   - epochEvents: N of an epoch.
  ///   - now: a clock in seconds that never goes back.
  package init(
    measuring measuredSteps: Int, epochEvents: Int,
    now: @escaping () -> Double = ProgressReport.uptime
  ) {
    self.measuredSteps = measuredSteps
    self.epochEvents = epochEvents
    self.now = now
  }

  /// Counts a step whose loss is there. Returns the seconds of an epoch after the last step that is
  /// measured, nil after every other.
  ///
  /// - Parameter eventCount: N of its batch.
  package mutating func finishStep(eventCount: Int) -> Double? {
    steps += 1
    if steps > Self.warmUpSteps { events += eventCount }
    if steps == Self.warmUpSteps { start = now() }
    guard steps == Self.warmUpSteps + measuredSteps else { return nil }
    return (now() - start) * Double(epochEvents) / Double(max(1, events))
  }
}
