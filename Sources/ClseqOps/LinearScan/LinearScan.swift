import ClseqRuntime

/// The poles of a diagonal linear recurrence, one for each of C channels: per step of size 1 a state is
/// multiplied by exp(−exp(decay) + i exp(frequency)), whose size is below 1 for all values of the parameters.
public struct ScanPoles {
  /// The logarithm of the rate of decay, `[C]`.
  public let decay: Parameter
  /// The logarithm of the angle in radians, `[C]`; nil for real poles.
  public let frequency: Parameter?

  /// Poles of parameters, both `[C]`.
  public init(decay: Parameter, frequency: Parameter?) {
    precondition(
      decay.shape.count == 1 && frequency.map { $0.shape == decay.shape } ?? true,
      "ScanPoles: decay \(decay.shape), frequency \(frequency?.shape ?? [])")
    (self.decay, self.frequency) = (decay, frequency)
  }

  /// C.
  public var channelCount: Int { decay.count }
  /// Numbers of a state: 2 C for complex poles, real parts before imaginary ones, else C.
  public var width: Int { frequency == nil ? channelCount : 2 * channelCount }
}

extension Tape {
  /// A diagonal linear recurrence over each sequence of a ragged batch:
  ///
  ///     h_t = a_t ⊙ h_{t−1} + √(1 − |a_t|²) ⊙ x_t,   a_t = exp(d_t ⊙ (−exp(decay) + i exp(frequency)))
  ///
  /// The root keeps the variance of independent inputs. With steps d that follow from the input it selects the events that
  /// a state forgets; with steps that follow from the time between events a state decays by time.
  ///
  /// Source: Orvieto et al., "Resurrecting recurrent neural networks for long sequences" (LRU, ICML 2023), equations 5
  /// and 7; with steps Gu and Dao, "Mamba: linear-time sequence modeling with selective state spaces" (2023), and De et al.,
  /// "Griffin: mixing gated linear recurrences with local attention" (2024), equation 4.
  ///
  /// - Parameters:
  ///   - x: `[N, W]`, where W is the width of the poles: for complex ones real parts before imaginary ones.
  ///   - poles: of C channels.
  ///   - steps: d, at least 0, `[N, C]`; 1 everywhere when nil.
  ///   - shape: the sequences.
  ///   - initial: the state before the first events, `[B, W]`, in inference alone; zeros when nil.
  /// - Returns: h, `[N, W]`.
  /// - Throws: `OpenCLError` when memory runs out or a launch fails.
  public func linearScan(
    _ x: Tensor, poles: ScanPoles, steps: Tensor? = nil, shape: RaggedShape, initial: Tensor? = nil
  ) throws -> Tensor {
    let n = x.shape[0]
    precondition(
      x.shape == [n, poles.width] && steps.map { $0.shape == [n, poles.channelCount] } ?? true
        && initial.map { !isTraining && $0.shape == [shape.sequenceCount, poles.width] } ?? true,
      "linearScan: x \(x.shape), steps \(steps?.shape ?? []), \(poles.channelCount) poles, "
        + "\(shape.sequenceCount) sequences, state \(initial?.shape ?? [])")
    let scan = LinearScan(
      x: x, steps: steps, poles: poles, shape: shape, h: try backend.empty(x.shape))
    try backend.forward(scan, initial: initial)
    record(scan.h) { [kept = try KeptScan(scan, on: self)] tape, dh in
      try tape.backward(kept, dh)
    }
    return scan.h
  }

  /// Gradients of the inputs and the poles.
  private func backward(_ kept: KeptScan, _ dh: Tensor) throws {
    let scan = try kept.restored(on: self)
    let inputs = [kept.x] + (kept.steps.map { [$0] } ?? [])
    try withGradientSlots(of: inputs) { slots in
      try backend.backward(scan, dh, dx: slots[0], dsteps: slots.count > 1 ? slots[1] : nil)
    }
  }
}

/// The arrays of a scan.
struct LinearScan {
  let x: Tensor
  let steps: Tensor?
  let poles: ScanPoles
  let shape: RaggedShape
  let h: Tensor
}

/// A scan whose arrays wait for the backward pass.
private struct KeptScan {
  /// The inputs by their identities, which have no memory.
  let (x, steps): (Tensor, Tensor?)
  private let (keptX, keptSteps, keptH): (Tensor, Tensor?, Tensor)
  private let (poles, shape): (ScanPoles, RaggedShape)

  init(_ scan: LinearScan, on tape: Tape) throws {
    (x, steps) = (scan.x.identity, scan.steps?.identity)
    (keptX, keptSteps) = (try tape.kept(scan.x), try scan.steps.map(tape.kept))
    keptH = try tape.kept(scan.h)
    (poles, shape) = (scan.poles, scan.shape)
  }

  func restored(on tape: Tape) throws -> LinearScan {
    LinearScan(
      x: try tape.restored(keptX), steps: try keptSteps.map(tape.restored), poles: poles,
      shape: shape, h: try tape.restored(keptH))
  }
}
