public import ClseqRuntime

/// Which of the two forms of the heavy kernels runs.
public enum Tuning: Equatable, Sendable, CustomStringConvertible {
  /// One work-item computes one register tile of vectors of so many floats (8 or 16).
  case cpu(vectorWidth: Int)
  /// Tiles in local memory, many work-items per group.
  case gpu

  /// The form that suits a device: vectors as wide as its registers on a CPU, and on devices whose
  /// limits are too low for the GPU's work-groups.
  public init(for device: Device) {
    let isCPU = device.kind == .cpu || Self.gpu.misfit(on: device) != nil
    self = isCPU ? .cpu(vectorWidth: device.nativeFloatVectorWidth >= 16 ? 16 : 8) : .gpu
  }

  /// Why this form cannot run on a device; nil where it can. The CPU's work-groups of one item without
  /// local memory run everywhere.
  public func misfit(on device: Device) -> OpenCLError? {
    guard self == .gpu else { return nil }
    let (items, kibibytes) = (256, 32)
    if device.workGroupLimit < items {
      return .aboveLimit(
        "GPU kernels need work-groups of \(items) items", device: device.name,
        limit: "\(device.workGroupLimit)")
    }
    if device.localMemoryByteCount < kibibytes << 10 {
      return .aboveLimit(
        "GPU kernels need \(kibibytes) KiB of local memory", device: device.name,
        limit: "\(device.localMemoryByteCount >> 10) KiB")
    }
    return nil
  }

  /// Work-groups that a product should have at least on a GPU: four for each unit of a device with 132.
  static let groupsOfLargeGPU = 528

  /// "cpu8", "cpu16" or "gpu".
  public var description: String {
    switch self {
    case .cpu(let vectorWidth): "cpu\(vectorWidth)"
    case .gpu: "gpu"
    }
  }

  /// Options that every source is built with. Warnings are off: clang, inside pocl, prints their
  /// number on standard error, and they are about loops that a later pass unrolls.
  var buildOptions: [String] {
    ["-cl-std=CL1.2", "-w"] + definitions
  }

  private var definitions: [String] {
    switch self {
    case .cpu(let vectorWidth): ["-DTUNING_CPU", "-DVECTOR_WIDTH=\(vectorWidth)"]
    case .gpu: ["-DTUNING_GPU"]
    }
  }
}
