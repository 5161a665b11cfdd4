import Foundation

/// The memory of this machine.
package enum HostMemory {
  /// All of it, or the limit of the control group if that is smaller.
  package static var byteCount: Int {
    let limits = ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"]
      .compactMap { try? String(contentsOfFile: $0, encoding: .utf8) }
      .compactMap { Int($0.filter { !$0.isWhitespace }) }
    let physical = Int(clamping: ProcessInfo.processInfo.physicalMemory)
    return limits.reduce(physical) { min($0, $1) }
  }
}
