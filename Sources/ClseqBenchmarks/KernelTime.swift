import ClseqRuntime

/// Time of one kernel's launches in a training step.
public struct KernelTime: Encodable, Sendable {
  /// The kernel.
  public let kernel: String
  /// Launches per step.
  public let calls: Int
  /// Milliseconds per step on the device.
  public let milliseconds: Double
  /// Part of all kernels' time.
  public let share: Double
  /// GFLOP/s; 0 if the launches have no cost.
  public let gflops: Double
}

extension KernelTime {
  /// The kernels of a profile over `steps` steps, in descending order of time.
  static func table(_ rows: [Profile.Row], steps: Int) -> [KernelTime] {
    let total = rows.reduce(0) { $0 + $1.milliseconds }
    return rows.map {
      KernelTime(
        kernel: $0.kernel, calls: $0.calls / steps, milliseconds: $0.milliseconds / Double(steps),
        share: $0.milliseconds / total, gflops: $0.gigaflopsPerSecond)
    }
  }
}

extension [KernelTime] {
  /// The part of all kernels' time that kernels with this word in their name take.
  func share(ofKernelsWith word: String) -> Double {
    filter { $0.kernel.contains(word) }.reduce(0) { $0 + $1.share }
  }
}
