import ArgumentParser
import Clseq
import Foundation

/// Lists the OpenCL devices of this machine.
struct DevicesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "devices", abstract: "List OpenCL devices; the default is marked.",
    discussion: "The default follows --device or CLSEQ_DEVICE, else it is the first GPU.")

  @OptionGroup(title: "Settings") var options: SettingOptions<DeviceListSettings>

  func run() throws {
    let environment = ProcessInfo.processInfo.environment
    let settings = try SettingResolution(environment: environment)
      .standalone(options: options.values)
    let devices = try DeviceRoad.devices()
    let preferred =
      settings.device == "reference"
      ? nil : try Device.select(settings.device, from: devices).selector
    let listing = DeviceListing(
      defaultSelector: preferred ?? settings.device,
      devices: devices.map {
        DeviceListing.Entry($0, isDefault: $0.selector == preferred, environment: environment)
      })
    try Console.show(listing, as: settings.format) { listing.text }
  }
}

/// What a command takes that looks at devices and opens none.
enum DeviceListSettings: SettingSubset {
  static let paths: [any SettingPath] = [\.device] + OutputSettings.paths
}

/// The devices of a machine, for JSON and for people.
struct DeviceListing: Encodable {
  struct Entry: Encodable {
    let selector: String
    let isDefault: Bool
    let kind: String
    let name: String
    let vendor: String
    let platform: String
    let driver: String
    let openCLCVersion: String
    let memoryBytes: Int
    let largestAllocationBytes: Int
    let localMemoryBytes: Int
    let computeUnits: Int
    let workGroupLimit: Int
    let halfPrecision: Bool
    let doublePrecision: Bool
    let int64Atomics: Bool
    let subGroups: Bool
    let cacheFolder: String?

    private enum CodingKeys: String, CodingKey {
      case selector, kind, name, vendor, platform, driver
      case isDefault = "default"
      case openCLCVersion = "opencl_c_version"
      case memoryBytes = "memory_bytes"
      case largestAllocationBytes = "largest_allocation_bytes"
      case localMemoryBytes = "local_memory_bytes"
      case computeUnits = "compute_units"
      case workGroupLimit = "work_group_limit"
      case halfPrecision = "fp16"
      case doublePrecision = "fp64"
      case int64Atomics = "int64_atomics"
      case subGroups = "sub_groups"
      case cacheFolder = "cache_folder"
    }
  }

  let defaultSelector: String
  let devices: [Entry]

  private enum CodingKeys: String, CodingKey {
    case devices
    case defaultSelector = "default"
  }

  /// A block of lines for each device.
  var text: String { devices.map(\.text).joined(separator: "\n") }
}

extension DeviceListing.Entry {
  init(_ device: Device, isDefault: Bool, environment: [String: String]) {
    self.init(
      selector: device.selector, isDefault: isDefault, kind: device.kind.rawValue,
      name: device.name, vendor: device.vendor, platform: device.platformName,
      driver: device.driverVersion, openCLCVersion: device.languageVersion,
      memoryBytes: device.memoryByteCount,
      largestAllocationBytes: device.largestAllocationByteCount,
      localMemoryBytes: device.localMemoryByteCount, computeUnits: device.computeUnits,
      workGroupLimit: device.workGroupLimit, halfPrecision: device.hasHalfPrecision,
      doublePrecision: device.hasDoublePrecision, int64Atomics: device.hasInt64Atomics,
      subGroups: device.hasSubGroups,
      cacheFolder: Self.cacheFolder(platform: device.platformName, environment: environment))
  }

  var text: String {
    let lines = [
      ("kind", kind), ("vendor", vendor), ("platform", platform), ("driver", driver),
      ("OpenCL C", openCLCVersion),
      (
        "memory",
        "\(mebibytes(memoryBytes)) MiB, at most \(mebibytes(largestAllocationBytes)) at once"
      ),
      ("local memory", "\(localMemoryBytes / 1024) KiB"), ("compute units", "\(computeUnits)"),
      ("work-group limit", "\(workGroupLimit)"), ("fp16", yesNo(halfPrecision)),
      ("fp64", yesNo(doublePrecision)), ("int64 atomics", yesNo(int64Atomics)),
      ("sub-groups", yesNo(subGroups)), ("cache folder", cacheFolder ?? "unknown"),
    ].map { "    \($0.0.padding(toLength: 18, withPad: " ", startingAt: 0))\($0.1)\n" }
    return "\(isDefault ? "*" : " ") \(selector)  \(name)\(isDefault ? "  (default)" : "")\n"
      + lines.joined()
  }

  private func mebibytes(_ byteCount: Int) -> Int { byteCount / 1_048_576 }
  private func yesNo(_ value: Bool) -> String { value ? "yes" : "no" }

  /// Where the platform keeps the kernels that it has built, as far as that is known.
  private static func cacheFolder(platform: String, environment: [String: String]) -> String? {
    let name = platform.lowercased()
    let home = environment["HOME"] ?? ""
    let caches = environment["XDG_CACHE_HOME"] ?? "\(home)/.cache"
    if name.contains("portable computing language") {
      return environment["POCL_CACHE_DIR"] ?? "\(caches)/pocl/kcache"
    }
    if name.contains("nvidia") {
      return environment["CUDA_CACHE_PATH"] ?? "\(home)/.nv/ComputeCache"
    }
    return nil
  }
}
