import Foundation

/// Resident memory of this process, and what a training adds to it.
enum ResidentMemory {
  /// What pocl 3.1 takes beside the buffers, with kernels from the cache. Measured: 24 to 46 MiB in trainings
  /// with 6 to 177 MiB of buffers. Where kernels are built, the compiler takes some 140 MiB more.
  static let openCLByteCount = 34 << 20
  /// Arrays of all parameters in memory of the host while a checkpoint is written.
  static let copiesOfParameters = 3

  /// Bytes that are resident now, or nil where the system does not say.
  static func currentByteCount() -> Int? {
    guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8),
      case let fields = text.split(separator: " "), fields.count > 1, let pages = Int(fields[1])
    else { return nil }
    return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
  }
}
