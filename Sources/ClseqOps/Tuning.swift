public import ClseqRuntime

/// Which of the two forms of the heavy kernels runs.
public enum Tuning: Equatable, Sendable, CustomStringConvertible {
  /// One work-item is one register tile of vectors that many floats wide (8 or 16).
  case cpu(vectorWidth: Int)
  /// Tiles in local memory, many work-items a group.
  case gpu

  /// The form that suits a device: vectors as wide as its registers on a CPU.
  public init(for device: Device) {
    self =
      device.kind == .cpu ? .cpu(vectorWidth: device.nativeFloatVectorWidth >= 16 ? 16 : 8) : .gpu
  }

  /// "cpu8", "cpu16" or "gpu".
  public var description: String {
    switch self {
    case .cpu(let vectorWidth): "cpu\(vectorWidth)"
    case .gpu: "gpu"
    }
  }

  /// Options that every source is built with.
  var buildOptions: [String] {
    switch self {
    case .cpu(let vectorWidth):
      ["-cl-std=CL1.2", "-DTUNING_CPU", "-DVECTOR_WIDTH=\(vectorWidth)"]
    case .gpu: ["-cl-std=CL1.2", "-DTUNING_GPU"]
    }
  }
}
