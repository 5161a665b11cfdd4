public import ClseqRuntime

/// A launch in a counting context, which does not run.
public struct CountedLaunch: Sendable {
  /// Name of the kernel.
  public let kernel: String
  /// The program that has it.
  public let program: KernelSource
  /// The options that the program is built with.
  public let options: [String]
  /// Its work-groups.
  public let grid: Grid
  /// Its work.
  public let cost: KernelCost

  /// The name and the options of the program, which tell it from others.
  public var programKey: String { ([program.name] + options).joined(separator: " ") }
}
