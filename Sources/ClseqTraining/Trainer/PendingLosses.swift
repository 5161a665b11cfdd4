import ClseqData
import ClseqOps
import ClseqRuntime

/// Losses and gradient norms on their way from the device, so that reading one never holds back the
/// next step.
final class PendingLosses {
  private struct Entry {
    /// The loss, the norm and the factor that clipped it, then auxiliary losses.
    var values: UnsafeMutableBufferPointer<Float>
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

  /// Starts reading the values of a step after everything launched so far.
  func add(_ step: StepValues, of batch: RaggedBatch) throws {
    let tensors = [step.loss, step.norm] + step.auxiliary
    let values = UnsafeMutableBufferPointer<Float>.allocate(
      capacity: tensors.reduce(0) { $0 + $1.count })
    values.initialize(repeating: 0)
    var entry = Entry(values: values, events: [], batch: batch)
    defer { entries.append(entry) }
    var start = 0
    for tensor in tensors {
      let range = start..<start + tensor.count
      start = range.upperBound
      entry.events.append(
        try backend.startReading(
          tensor, into: UnsafeMutableBufferPointer(rebasing: values[range])))
    }
  }

  /// The values of a step, read.
  struct Losses {
    let loss: Float
    /// The norm of the gradient.
    let norm: Float
    let auxiliary: [Float]
    let batch: RaggedBatch
  }

  /// Waits for the values of the oldest step.
  func take() throws -> Losses {
    let entry = entries.removeFirst()
    defer { entry.values.deallocate() }
    for event in entry.events { try event?.wait() }
    return Losses(
      loss: entry.values[0], norm: entry.values[1], auxiliary: Array(entry.values.dropFirst(3)),
      batch: entry.batch)
  }
}
