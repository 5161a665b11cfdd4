import ClseqRuntime

extension Backend {
  /// h of all events.
  func forward(_ scan: LinearScan, initial: Tensor?) throws {
    if isReference {
      return LinearScanReference.forward(scan.reference(initial: initial?.floats))
    }
    if scan.h.count == 0 { return }
    let state = StateArguments(scan, initial: initial)
    switch tuning {
    case .cpu(let vectorWidth):
      try launch(
        "linear_scan_forward", in: "linear_scan_cpu", after: ["linear_scan"],
        options: scan.options, scan.cpuGrid(vectorWidth), cost: scan.cost(arrays: 2),
        InputArguments(scan), state, scan.h, scan.shape.offsets, scan.channels)
    case .gpu:
      let ends = try chunkStates(
        "linear_scan_ends", of: scan.x, scan, initial: state, isBackward: false)
      try launch(
        "linear_scan_forward", in: "linear_scan_gpu", after: ["linear_scan"],
        options: scan.options, scan.gpuGrid, cost: scan.cost(arrays: 2), InputArguments(scan),
        state, scan.h, scan.shape.offsets, scan.channels, ends ?? scan.h,
        Int32(ends == nil ? 0 : 1))
    }
  }

  /// Writes the gradients of x and of the steps, and adds those of the poles.
  func backward(
    _ scan: LinearScan, _ dh: Tensor, dx: Tape.GradientSlot, dsteps: Tape.GradientSlot?
  ) throws {
    let (decay, frequency) = (scan.poles.decay, scan.poles.frequency)
    if isReference {
      let gradients = (try gradient(of: decay), try frequency.map(gradient))
      return withExtendedLifetime(gradients) {
        LinearScanReference.backward(
          scan.reference(initial: nil),
          LinearScanReference.Gradients(
            dh: dh.floats, base: dx.addend?.floats, dx: dx.out.floats,
            stepsBase: dsteps?.addend?.floats, dsteps: dsteps?.out.floats,
            decay: gradients.0.floats, frequency: gradients.1?.floats))
      }
    }
    if scan.h.count == 0 { return }
    let rows = scan.shape.sequenceCount * (tuning == .gpu ? scan.chunkCount : 1)
    let terms = try empty([rows, scan.poles.channelCount])
    let frequencyTerms = try frequency.map { _ in try empty(terms.shape) }
    let arguments = BackwardArguments(
      scan: scan, dh: dh, dx: dx, dsteps: dsteps ?? dx, terms: terms,
      frequencyTerms: frequencyTerms ?? terms)
    switch tuning {
    case .cpu(let vectorWidth):
      try launch(
        "linear_scan_backward", in: "linear_scan_cpu", after: ["linear_scan"],
        options: scan.options, scan.cpuGrid(vectorWidth), cost: scan.cost(arrays: 4), arguments)
    case .gpu:
      let ends = try chunkStates(
        "linear_scan_backward_ends", of: dh, scan, initial: StateArguments(scan, initial: nil),
        isBackward: true)
      try launch(
        "linear_scan_backward", in: "linear_scan_gpu", after: ["linear_scan"],
        options: scan.options, scan.gpuGrid, cost: scan.cost(arrays: 4), arguments,
        ends ?? scan.h, Int32(ends == nil ? 0 : 1))
    }
    if decay.isTrained { try addColumnSums(of: terms, to: decay.gradient) }
    if let frequency, let frequencyTerms, frequency.isTrained {
      try addColumnSums(of: frequencyTerms, to: frequency.gradient)
    }
  }

  /// The state, or the gradient, that enters each chunk; nil where no sequence has a second one.
  ///
  /// - Parameters:
  ///   - kernel: of the chunks from zero.
  ///   - values: x, or the gradient of h.
  private func chunkStates(
    _ kernel: StaticString, of values: Tensor, _ scan: LinearScan, initial: StateArguments,
    isBackward: Bool
  ) throws -> Tensor? {
    let (count, chunks) = (scan.shape.sequenceCount, scan.chunkCount)
    if chunks == 1 { return nil }
    let ends = try empty([count * chunks, scan.poles.width])
    let spans = try scan.steps.map { _ in try empty([count * chunks, scan.poles.channelCount]) }
    try launch(
      kernel, in: "linear_scan_gpu", after: ["linear_scan"], options: scan.options, scan.gpuGrid,
      cost: scan.cost(arrays: 1), values, PoleArguments(scan), ends, spans ?? ends,
      scan.shape.offsets, scan.channels)
    try launch(
      "linear_scan_carries", in: "linear_scan_gpu", after: ["linear_scan"], options: scan.options,
      Grid(groups: (count, scan.blockCount, 1), size: (64, 1, 1)),
      cost: KernelCost(bytes: Double(8 * ends.count)), ends, spans ?? ends,
      scan.poles.decay.value, (scan.poles.frequency ?? scan.poles.decay).value, initial,
      scan.shape.offsets, scan.channels, Int32(chunks), Int32(isBackward ? 1 : 0))
    return ends
  }
}

extension LinearScan {
  fileprivate var channels: Int32 { Int32(poles.channelCount) }

  fileprivate var options: KernelOptions {
    ["COMPLEX": poles.frequency == nil ? 0 : 1, "STEPS": steps == nil ? 0 : 1]
  }

  /// `CHANNELS` of `linear_scan_cpu.cl`.
  fileprivate func cpuGrid(_ vectorWidth: Int) -> Grid {
    Grid(
      groups: (
        shape.sequenceCount, poles.channelCount.dividedRoundingUp(by: 4 * vectorWidth), 1
      ))
  }

  /// `CHUNK` of `linear_scan_gpu.cl`.
  fileprivate var chunkCount: Int { max(1, shape.maximumLength.dividedRoundingUp(by: 64)) }
  /// `ITEMS` of `linear_scan_gpu.cl`.
  fileprivate var blockCount: Int { poles.channelCount.dividedRoundingUp(by: 64) }

  fileprivate var gpuGrid: Grid {
    Grid(groups: (shape.sequenceCount, chunkCount, blockCount), size: (64, 1, 1))
  }

  /// For the profile: passes over arrays of the size of h, and over the steps.
  fileprivate func cost(arrays: Int) -> KernelCost {
    KernelCost(
      flops: Double(8 * arrays * h.count),
      bytes: Double(4 * (arrays * h.count + arrays / 2 * (steps?.count ?? 0))))
  }

  fileprivate func reference(
    initial: UnsafeMutableBufferPointer<Float>?
  ) -> LinearScanReference.Arrays<Float> {
    LinearScanReference.Arrays(
      x: x.floats, steps: steps?.floats, decay: poles.decay.value.floats,
      frequency: poles.frequency?.value.floats, initial: initial, h: h.floats,
      offsets: shape.offsets.values)
  }
}

// MARK: Arguments

/// `steps`, `decay`, `frequency`; where there are none, another array that is not read.
private struct PoleArguments: KernelArgument {
  let scan: LinearScan

  init(_ scan: LinearScan) { self.scan = scan }

  func add(to arguments: inout KernelArguments) {
    let poles = scan.poles
    arguments.add(
      scan.steps ?? scan.x, poles.decay.value, (poles.frequency ?? poles.decay).value)
  }
}

/// `x`, and the poles.
private struct InputArguments: KernelArgument {
  let scan: LinearScan

  init(_ scan: LinearScan) { self.scan = scan }

  func add(to arguments: inout KernelArguments) { arguments.add(scan.x, PoleArguments(scan)) }
}

/// `initial` and `has_initial`.
private struct StateArguments: KernelArgument {
  let initial: Tensor
  let exists: Int32

  init(_ scan: LinearScan, initial: Tensor?) {
    (self.initial, exists) = (initial ?? scan.x, initial == nil ? 0 : 1)
  }

  func add(to arguments: inout KernelArguments) { arguments.add(initial, exists) }
}

/// The first arguments of a backward kernel.
private struct BackwardArguments: KernelArgument {
  let scan: LinearScan
  let dh: Tensor
  let dx: Tape.GradientSlot
  let dsteps: Tape.GradientSlot
  let terms: Tensor
  let frequencyTerms: Tensor

  func add(to arguments: inout KernelArguments) {
    arguments.add(dh, scan.x, scan.h, PoleArguments(scan), dx, dsteps, terms, frequencyTerms)
    arguments.add(scan.shape.offsets, Int32(scan.poles.channelCount))
  }
}
