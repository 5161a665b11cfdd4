import ClseqData
import ClseqOps
import ClseqRuntime

/// Losses and gradient norms on their way from the device, so that reading one never holds back the
/// next step.
final class PendingLosses {
  private struct Entry {
    /// The loss, the norm and the factor that clipped it, then auxiliary losses.
    let buffer: HostBuffer
    var events: [DeviceEvent?] = []
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
    let tensors = [step.loss, step.norm] + step.auxiliary
    let count = tensors.reduce(0) { $0 + $1.count }
    let buffer =
      try free.popLast() ?? backend.hostBuffer(byteCount: count * MemoryLayout<Float>.stride)
    let values = buffer.bytes.bindMemory(to: Float.self)
    values.update(repeating: 0)
    var entry = Entry(buffer: buffer, batch: batch)
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
    for event in entry.events { try event?.wait() }
    free.append(entry.buffer)
    let values = entry.buffer.bytes.bindMemory(to: Float.self)
    return Losses(
      loss: values[0], norm: values[1], auxiliary: Array(values.dropFirst(3)), batch: entry.batch)
  }
}
