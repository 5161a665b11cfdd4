import ClseqOps
import ClseqRuntime

/// Losses on their way from the device, so that reading one never holds back the next step.
final class PendingLosses {
  private struct Entry {
    var value: UnsafeMutablePointer<Float>
    var event: DeviceEvent?
    var eventCount: Int
  }

  private let backend: Backend
  private var entries: [Entry] = []

  init(_ backend: Backend) {
    self.backend = backend
  }

  deinit {
    for entry in entries {
      try? entry.event?.wait()
      entry.value.deallocate()
    }
  }

  /// Losses not yet taken.
  var count: Int { entries.count }

  /// Starts reading a loss `[1]` after everything launched so far.
  func add(_ loss: Tensor, eventCount: Int) throws {
    let value = UnsafeMutablePointer<Float>.allocate(capacity: 1)
    value.initialize(to: 0)
    let event = try backend.startReading(
      loss, into: UnsafeMutableBufferPointer(start: value, count: 1))
    entries.append(Entry(value: value, event: event, eventCount: eventCount))
  }

  /// Waits for the oldest loss and returns it with its number of events.
  func take() throws -> (loss: Float, eventCount: Int) {
    let entry = entries.removeFirst()
    defer { entry.value.deallocate() }
    try entry.event?.wait()
    return (entry.value.pointee, entry.eventCount)
  }
}
