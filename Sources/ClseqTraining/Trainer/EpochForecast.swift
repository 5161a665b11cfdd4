/// Foretells how long the steps of an epoch take from a few of them, after some that warm up.
struct EpochForecast {
  /// Steps that are not measured: their kernels are loaded and their memory is touched for the first
  /// time.
  static let warmUpSteps = 2

  private let measuredSteps: Int
  private let epochEvents: Int
  private var steps = 0
  private var events = 0
  private var start = ContinuousClock.now

  /// - Parameters:
  ///   - measuredSteps: at least 1.
  ///   - epochEvents: N of an epoch.
  init(measuring measuredSteps: Int, epochEvents: Int) {
    self.measuredSteps = measuredSteps
    self.epochEvents = epochEvents
  }

  /// Counts a step whose loss is there. Returns the seconds of an epoch after the last step that is
  /// measured, nil after every other.
  ///
  /// - Parameter eventCount: N of its batch.
  mutating func finishStep(eventCount: Int) -> Double? {
    steps += 1
    if steps > Self.warmUpSteps { events += eventCount }
    if steps == Self.warmUpSteps { start = .now }
    guard steps == Self.warmUpSteps + measuredSteps else { return nil }
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    return seconds * Double(epochEvents) / Double(max(1, events))
  }
}
