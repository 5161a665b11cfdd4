import Foundation

/// The most memory that this process has had resident.
public enum PeakMemory {
  /// The peak in bytes as the kernel counts it (VmHWM), or nil where it does not say.
  public static func residentByteCount() -> Int? {
    guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8) else {
      return nil
    }
    return residentByteCount(inStatus: status)
  }

  /// Finds the line `VmHWM:   1234 kB`.
  package static func residentByteCount(inStatus status: String) -> Int? {
    let fields = status.split(separator: "\n")
      .first { $0.hasPrefix("VmHWM:") }?
      .split(whereSeparator: \.isWhitespace)
    guard let fields, fields.count == 3, fields[2] == "kB", let count = Int(fields[1]) else {
      return nil
    }
    return count * 1024
  }
}

/// The memory of this machine.
enum HostMemory {
  /// All of it, or what a control group allows where that is less.
  static var byteCount: Int {
    let limits = ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"]
      .compactMap { try? String(contentsOfFile: $0, encoding: .utf8) }
      .compactMap { Int($0.filter { !$0.isWhitespace }) }
    let physical = Int(clamping: ProcessInfo.processInfo.physicalMemory)
    return limits.reduce(physical) { min($0, $1) }
  }
}

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
