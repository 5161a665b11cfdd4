import CBuild
import Clseq

/// The output of `clseq --version`: the version, the commit, and the OpenCL devices of this machine.
enum VersionReport {
  /// Never throws: an installation that is broken is what people look at this for.
  static var text: String {
    """
    clseq \(clseqVersion)
    commit  \(commit)
    \(devices.map { "OpenCL  \($0)\n" }.joined())
    """
  }

  /// The first digits of the commit's hash, followed by `-dirty` where files differ from it.
  private static var commit: String {
    let commit = String(cString: clseq_build_commit)
    return commit.isEmpty ? "unknown: not built by the scripts of a git clone" : commit
  }

  private static var devices: [String] {
    do {
      let devices = try DeviceRoad.devices().map { device in
        "\(device.selector)  \(device.name), \(device.platformName), \(device.driverVersion)"
      }
      return devices.isEmpty ? ["no OpenCL device"] : devices
    } catch {
      return ["no OpenCL device: \(error)"]
    }
  }
}
