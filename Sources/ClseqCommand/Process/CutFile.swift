import Foundation

/// A file that was cut off while it was mapped: the system then ends a process by SIGBUS where it reads
/// what is gone.
enum CutFile {
  /// Makes of that an error with a status. What stands on the disk stays as it is.
  ///
  /// The signal comes from the very instruction that reads a column, which holds no lock and is not
  /// amid an allocation, so that the handler may do what other code does.
  static func install() {
    var action = sigaction()
    action.__sigaction_handler.sa_sigaction = { _, info, _ in
      let code = info?.pointee.si_code
      let address = info?.pointee._sifields._sigfault.si_addr
      guard code == CutFile.noSuchAddress, let address, let path = CutFile.path(at: address) else {
        // Not ours: the instruction runs again, and the system does as it always does.
        signal(SIGBUS, SIG_DFL)
        return
      }
      Console.fail(
        "\(path) was cut off while it was in use",
        advice: "put the file back; --resume continues a training from its last checkpoint",
        status: ExitStatus.inputOutput)
      _exit(ExitStatus.inputOutput)
    }
    action.sa_flags = SA_SIGINFO
    sigaction(SIGBUS, &action, nil)
  }

  /// `BUS_ADRERR`: the mapping exists, the file has ended before it.
  private static let noSuchAddress: Int32 = 2

  /// The text of `/proc/self/maps`, which gives a page at a time: Foundation takes the first for all.
  private static func maps() -> String {
    let descriptor = open("/proc/self/maps", O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return "" }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var page = [UInt8](repeating: 0, count: 1 << 16)
    while case let count = read(descriptor, &page, page.count), count > 0 {
      bytes += page[..<count]
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The file that is mapped at an address; nil where none is.
  private static func path(at address: UnsafeMutableRawPointer) -> String? {
    let place = UInt(bitPattern: address)
    // 7f12a000-7f12b000 r--p 00000000 fe:00 1234   /path
    for line in maps().split(separator: "\n") {
      let fields = line.split(separator: " ", maxSplits: 5, omittingEmptySubsequences: true)
      let ends = fields[0].split(separator: "-").compactMap { UInt($0, radix: 16) }
      guard ends.count == 2, (ends[0]..<ends[1]).contains(place) else { continue }
      guard fields.count == 6, let slash = fields[5].firstIndex(of: "/") else { return nil }
      return String(fields[5][slash...])
    }
    return nil
  }
}
