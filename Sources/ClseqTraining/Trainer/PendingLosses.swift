import ClseqData
import ClseqOps
import ClseqRuntime

/// Losses and gradient norms on their way from the device, so that reading one never holds back the
/// next step.
final class PendingLosses {
  private struct Entry {
    /// The norm and the factor that clipped it, then the losses.
    let buffer: HostBuffer
    var events: [DeviceEvent?] = []
    let divisors: [Float]
    let batch: RaggedBatch
  }

  private let backend: Backend
  private var entries: [Entry] = []
  /// Buffers whose values were taken.
  private var free: [HostBuffer] = []

  init(_ backend: Backend) {
    self.backend = backend
  }

  deinit {
    for entry in entries {
      for event in entry.events { try? event?.wait() }
    }
  }

  /// Losses not yet taken.
  var count: Int { entries.count }

  /// Starts reading the values of a step after everything launched so far.
  func add(_ step: StepValues, of batch: RaggedBatch) throws {
    let tensors = [step.norm] + step.losses
    let count = tensors.reduce(0) { $0 + $1.count }
    let buffer =
      try free.popLast() ?? backend.hostBuffer(byteCount: count * MemoryLayout<Float>.stride)
    let values = buffer.bytes.bindMemory(to: Float.self)
    values.update(repeating: 0)
    var entry = Entry(buffer: buffer, divisors: step.divisors, batch: batch)
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
    /// As ``StepValues/losses``.
    let losses: [Float]
    /// As ``StepValues/divisors``.
    let divisors: [Float]
    /// The norm of the gradient.
    let norm: Float
    let batch: RaggedBatch
    /// The sum of the losses.
    var loss: Float { losses.reduce(0, +) }
  }

  /// Waits for the values of the oldest step.
  func take() throws -> Losses {
    let entry = entries.removeFirst()
    for event in entry.events { try event?.wait() }
    free.append(entry.buffer)
    let values = entry.buffer.bytes.bindMemory(to: Float.self)
    return Losses(
      losses: Array(values.dropFirst(2)), divisors: entry.divisors, norm: values[0],
      batch: entry.batch)
  }
}
