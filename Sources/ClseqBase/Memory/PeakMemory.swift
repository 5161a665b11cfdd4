import Foundation

/// The maximum of this process's resident memory.
public enum PeakMemory {
  /// The peak in bytes as the kernel counts it (VmHWM), or nil if it gives none.
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
