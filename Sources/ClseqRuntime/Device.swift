public import COpenCL

/// One OpenCL device of this machine, with the properties that determine how it is used.
public struct Device: @unchecked Sendable {
  // Unchecked: `cl_device_id` and `cl_platform_id` of root devices are immutable and live as long
  // as the process.
  /// The kind of a device.
  public enum Kind: String, Sendable {
    /// A processor, as a rule the one that runs the host.
    case cpu
    /// A graphics processor.
    case gpu
    /// Any other device, such as an FPGA.
    case accelerator
  }

  /// The OpenCL handle, for calls that this module does not wrap.
  public let handle: cl_device_id
  /// `PLATFORM:DEVICE`, the ordinals by which `Device.select` finds it.
  public package(set) var selector: String
  /// CPU, GPU or other accelerator.
  public package(set) var kind: Kind
  /// The device's name.
  public package(set) var name: String
  /// Its vendor.
  public let vendor: String
  /// Name of the platform (the OpenCL implementation).
  public let platformName: String
  /// Version of the platform.
  public let platformVersion: String
  /// Version of the driver.
  public let driverVersion: String
  /// Highest OpenCL C version, as "OpenCL C 1.2".
  public let languageVersion: String
  /// The device's extensions.
  public let extensions: Set<String>
  /// Global memory in bytes.
  public let memoryByteCount: Int
  /// Largest single allocation in bytes.
  public let largestAllocationByteCount: Int
  /// Local memory of a work-group in bytes.
  public package(set) var localMemoryByteCount: Int
  /// Compute units.
  public let computeUnits: Int
  /// Maximum number of work-items in a work-group.
  public package(set) var workGroupLimit: Int
  /// Floats in a hardware vector: 8 with AVX2, 16 with AVX-512, 1 on most GPUs.
  public let nativeFloatVectorWidth: Int
  /// Alignment of sub-buffers in bytes.
  public package(set) var alignmentByteCount: Int
  let platform: cl_platform_id

  /// Half precision arithmetic.
  public var hasHalfPrecision: Bool { extensions.contains("cl_khr_fp16") }
  /// Double precision arithmetic.
  public var hasDoublePrecision: Bool { extensions.contains("cl_khr_fp64") }
  /// Atomic operations on 64-bit integers.
  public var hasInt64Atomics: Bool { extensions.contains("cl_khr_int64_base_atomics") }
  /// Sub-groups.
  public var hasSubGroups: Bool { extensions.contains("cl_khr_subgroups") }

  /// The compute capability of an NVIDIA GPU times ten, as 80; nil for other devices.
  package var computeCapability: Int? {
    guard extensions.contains("cl_nv_device_attribute_query") else { return nil }
    func value(_ name: Int) -> Int? {
      var value: cl_uint = 0
      let code = clGetDeviceInfo(
        handle, cl_device_info(name), MemoryLayout<cl_uint>.size, &value, nil)
      return code == CL_SUCCESS ? Int(value) : nil
    }
    // CL_DEVICE_COMPUTE_CAPABILITY_MAJOR_NV and _MINOR_NV
    guard let major = value(0x4000), let minor = value(0x4001) else { return nil }
    return 10 * major + minor
  }
}

extension Device {
  /// Every device of every platform, in the loader's order; empty when there is none.
  ///
  /// - Throws: `OpenCLError.call` when a platform refuses to answer.
  public static func all() throws(OpenCLError) -> [Device] {
    var platformCount: cl_uint = 0
    let code = clGetPlatformIDs(0, nil, &platformCount)
    if code == -1001 || platformCount == 0 { return [] }
    try check(code, "clGetPlatformIDs", "counting platforms")
    var platforms = [cl_platform_id?](repeating: nil, count: Int(platformCount))
    try check(
      clGetPlatformIDs(platformCount, &platforms, nil), "clGetPlatformIDs", "listing platforms")
    var devices: [Device] = []
    for (platformIndex, platform) in platforms.enumerated() {
      guard let platform else { continue }
      var count: cl_uint = 0
      let all = cl_device_type(CL_DEVICE_TYPE_ALL)
      guard clGetDeviceIDs(platform, all, 0, nil, &count) == CL_SUCCESS, count > 0 else { continue }
      var handles = [cl_device_id?](repeating: nil, count: Int(count))
      try check(
        clGetDeviceIDs(platform, all, count, &handles, nil), "clGetDeviceIDs", "listing devices")
      for (index, handle) in handles.enumerated() {
        guard let handle else { continue }
        devices.append(
          try Device(handle: handle, platform: platform, selector: "\(platformIndex):\(index)"))
      }
    }
    return devices
  }

  /// The device that a selector names.
  ///
  /// - Parameters:
  ///   - selector: `gpu`, `cpu`, `accelerator`, `PLATFORM:DEVICE`, or a part of a device's name in
  ///     any case. Without one, or with an empty one: the first GPU, else the first CPU, else the
  ///     first device.
  ///   - devices: where to look; all devices of the machine by default.
  /// - Throws: `.noDevice` when there is none at all, `.noSuchDevice` when none matches.
  public static func select(
    _ selector: String? = nil, from devices: [Device]? = nil
  ) throws(OpenCLError) -> Device {
    let devices = if let devices { devices } else { try all() }
    guard let first = devices.first else { throw .noDevice }
    guard let selector, !selector.isEmpty else {
      return devices.first { $0.kind == .gpu } ?? devices.first { $0.kind == .cpu } ?? first
    }
    let wanted = selector.lowercased()
    let match =
      devices.first { $0.selector == wanted || $0.kind.rawValue == wanted }
      ?? devices.first { $0.name.lowercased().contains(wanted) }
    guard let match else {
      throw .noSuchDevice(
        selector: selector, available: devices.map { "\($0.selector) (\($0.name))" })
    }
    return match
  }
}

extension Device {
  init(
    handle: cl_device_id, platform: cl_platform_id, selector: String
  ) throws(OpenCLError) {
    let query = DeviceQuery(device: handle, platform: platform)
    let type = try query.value(CL_DEVICE_TYPE, cl_device_type.self)
    self.handle = handle
    self.platform = platform
    self.selector = selector
    self.kind =
      type & cl_device_type(CL_DEVICE_TYPE_GPU) != 0
      ? .gpu : type & cl_device_type(CL_DEVICE_TYPE_CPU) != 0 ? .cpu : .accelerator
    name = try query.text(CL_DEVICE_NAME)
    vendor = try query.text(CL_DEVICE_VENDOR)
    platformName = try query.platformText(CL_PLATFORM_NAME)
    platformVersion = try query.platformText(CL_PLATFORM_VERSION)
    driverVersion = try query.text(CL_DRIVER_VERSION)
    languageVersion = try query.text(CL_DEVICE_OPENCL_C_VERSION)
    extensions = Set(try query.text(CL_DEVICE_EXTENSIONS).split(separator: " ").map(String.init))
    memoryByteCount = Int(clamping: try query.value(CL_DEVICE_GLOBAL_MEM_SIZE, cl_ulong.self))
    largestAllocationByteCount =
      Int(clamping: try query.value(CL_DEVICE_MAX_MEM_ALLOC_SIZE, cl_ulong.self))
    localMemoryByteCount = Int(clamping: try query.value(CL_DEVICE_LOCAL_MEM_SIZE, cl_ulong.self))
    computeUnits = Int(try query.value(CL_DEVICE_MAX_COMPUTE_UNITS, cl_uint.self))
    workGroupLimit = try query.value(CL_DEVICE_MAX_WORK_GROUP_SIZE, Int.self)
    nativeFloatVectorWidth = Int(
      try query.value(CL_DEVICE_NATIVE_VECTOR_WIDTH_FLOAT, cl_uint.self))
    alignmentByteCount = Int(try query.value(CL_DEVICE_MEM_BASE_ADDR_ALIGN, cl_uint.self)) / 8
  }
}

/// Reads the properties of a device and of its platform.
private struct DeviceQuery {
  let device: cl_device_id
  let platform: cl_platform_id

  func value<T: FixedWidthInteger>(_ name: Int32, _ type: T.Type) throws(OpenCLError) -> T {
    var value: T = 0
    try check(
      clGetDeviceInfo(device, cl_device_info(name), MemoryLayout<T>.size, &value, nil),
      "clGetDeviceInfo", "reading property 0x\(String(name, radix: 16))")
    return value
  }

  func text(_ name: Int32) throws(OpenCLError) -> String {
    var byteCount = 0
    try check(
      clGetDeviceInfo(device, cl_device_info(name), 0, nil, &byteCount),
      "clGetDeviceInfo", "sizing property 0x\(String(name, radix: 16))")
    var bytes = [UInt8](repeating: 0, count: byteCount)
    try check(
      clGetDeviceInfo(device, cl_device_info(name), byteCount, &bytes, nil),
      "clGetDeviceInfo", "reading property 0x\(String(name, radix: 16))")
    return Self.text(bytes)
  }

  func platformText(_ name: Int32) throws(OpenCLError) -> String {
    var byteCount = 0
    try check(
      clGetPlatformInfo(platform, cl_platform_info(name), 0, nil, &byteCount),
      "clGetPlatformInfo", "sizing property 0x\(String(name, radix: 16))")
    var bytes = [UInt8](repeating: 0, count: byteCount)
    try check(
      clGetPlatformInfo(platform, cl_platform_info(name), byteCount, &bytes, nil),
      "clGetPlatformInfo", "reading property 0x\(String(name, radix: 16))")
    return Self.text(bytes)
  }

  private static func text(_ bytes: [UInt8]) -> String {
    var words = String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    while words.last == " " { words.removeLast() }
    while words.first == " " { words.removeFirst() }
    return words
  }
}
