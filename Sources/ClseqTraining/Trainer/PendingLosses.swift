import ClseqData
import ClseqOps
import ClseqRuntime

/// Losses and gradient norms on their way from the device, so that reading one never holds back the
/// next step.
final class PendingLosses {
  private struct Entry {
    /// The loss, then the norm and the factor that clipped it.
    var values: UnsafeMutablePointer<Float>
    var events: [DeviceEvent?]
    var batch: RaggedBatch
  }

  private let backend: Backend
  private var entries: [Entry] = []

  init(_ backend: Backend) {
    self.backend = backend
  }

  deinit {
    for entry in entries {
      for event in entry.events { try? event?.wait() }
      entry.values.deallocate()
    }
  }

  /// Losses not yet taken.
  var count: Int { entries.count }

  /// Starts reading a loss `[1]` and a norm `[2]` after everything launched so far.
  func add(_ loss: Tensor, norm: Tensor, of batch: RaggedBatch) throws {
    let values = UnsafeMutablePointer<Float>.allocate(capacity: 3)
    values.initialize(repeating: 0, count: 3)
    var entry = Entry(values: values, events: [], batch: batch)
    defer { entries.append(entry) }
    for (tensor, start) in [(loss, 0), (norm, 1)] {
      entry.events.append(
        try backend.startReading(
          tensor, into: UnsafeMutableBufferPointer(start: values + start, count: tensor.count)))
    }
  }

  /// Waits for the oldest loss and returns it with the norm of the gradient and the batch.
  func take() throws -> (loss: Float, norm: Float, batch: RaggedBatch) {
    let entry = entries.removeFirst()
    defer { entry.values.deallocate() }
    for event in entry.events { try event?.wait() }
    return (entry.values[0], entry.values[1], entry.batch)
  }
}
