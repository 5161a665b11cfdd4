import COpenCL

/// Errors of OpenCL devices.
public enum OpenCLError: Error, Equatable, Sendable {
  /// An OpenCL call returned an error code.
  case call(String, code: Int32, attempted: String)
  /// A program did not build: the name of its source, the options, and the complete log of the
  /// compiler.
  case build(source: String, options: String, log: String)
  /// An argument of another type than the kernel takes: the kernel, the argument's name and its place
  /// from 0, the type in the kernel's source, and the kind that was given.
  case argument(kernel: String, name: String, index: Int, expected: String, given: String)
  /// An allocation would exceed the memory budget of its context (bytes).
  case overBudget(needed: Int, free: Int, budget: Int)
  /// An allocation above the maximum that the device allows (bytes).
  case tooLarge(needed: Int, largest: Int)
  /// Something needs more than the device allows, as "work-groups of 256 items".
  case aboveLimit(_ what: String, device: String, limit: String)
  /// Matrix products in a precision that the device does not have.
  case noMatrixUnit(_ precision: String, device: String, reason: String)
  /// No OpenCL platform, or none with a device.
  case noDevice
  /// A selector that matches no device, with the devices that exist.
  case noSuchDevice(selector: String, available: [String])
  /// A source folder lacks a kernel source.
  case noSource(path: String)
}

extension OpenCLError: CustomStringConvertible {
  /// A message of one or more lines: what was attempted, what failed, what to do.
  public var description: String {
    switch self {
    case .call(let name, let code, let attempted):
      "\(name) failed with \(Self.codeName(code)) (\(code)) while \(attempted)"
    case .build(let source, let options, let log):
      "OpenCL program '\(source)' did not build with options '\(options)':\n\(log)"
    case .argument(let kernel, let name, let index, let expected, let given):
      "argument \(index) of kernel \(kernel), '\(name)', takes \(expected), not \(given)"
    case .overBudget(let needed, let free, let budget):
      "device memory: \(needed) bytes needed, \(free) of the budget of \(budget) bytes are free"
    case .tooLarge(let needed, let largest):
      "device memory: \(needed) bytes needed in one allocation, the device allows \(largest)"
    case .aboveLimit(let what, let device, let limit):
      "\(what), but \(device) allows \(limit)"
    case .noMatrixUnit(let precision, let device, let reason):
      "\(device) cannot multiply in \(precision): \(reason)"
    case .noDevice:
      "no OpenCL device found; install your GPU vendor's OpenCL driver, or for the CPU pocl: "
        + "`sudo apt-get install pocl-opencl-icd`"
    case .noSuchDevice(let selector, let available):
      "no OpenCL device matches '\(selector)'; available: \(available.joined(separator: ", "))"
    case .noSource(let path):
      "kernel source \(path) does not exist"
    }
  }

  /// The name of an OpenCL error code, as the specification spells it.
  package static func codeName(_ code: Int32) -> String {
    names[code] ?? "an unknown error"
  }

  private static let names: [Int32: String] = [
    -1: "CL_DEVICE_NOT_FOUND", -2: "CL_DEVICE_NOT_AVAILABLE", -3: "CL_COMPILER_NOT_AVAILABLE",
    -4: "CL_MEM_OBJECT_ALLOCATION_FAILURE", -5: "CL_OUT_OF_RESOURCES", -6: "CL_OUT_OF_HOST_MEMORY",
    -7: "CL_PROFILING_INFO_NOT_AVAILABLE", -8: "CL_MEM_COPY_OVERLAP",
    -11: "CL_BUILD_PROGRAM_FAILURE", -12: "CL_MAP_FAILURE", -13: "CL_MISALIGNED_SUB_BUFFER_OFFSET",
    -14: "CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST", -30: "CL_INVALID_VALUE",
    -31: "CL_INVALID_DEVICE_TYPE", -32: "CL_INVALID_PLATFORM", -33: "CL_INVALID_DEVICE",
    -34: "CL_INVALID_CONTEXT", -35: "CL_INVALID_QUEUE_PROPERTIES", -36: "CL_INVALID_COMMAND_QUEUE",
    -37: "CL_INVALID_HOST_PTR", -38: "CL_INVALID_MEM_OBJECT", -42: "CL_INVALID_BINARY",
    -43: "CL_INVALID_BUILD_OPTIONS", -44: "CL_INVALID_PROGRAM",
    -45: "CL_INVALID_PROGRAM_EXECUTABLE", -46: "CL_INVALID_KERNEL_NAME",
    -47: "CL_INVALID_KERNEL_DEFINITION", -48: "CL_INVALID_KERNEL",
    -49: "CL_INVALID_ARG_INDEX", -50: "CL_INVALID_ARG_VALUE", -51: "CL_INVALID_ARG_SIZE",
    -52: "CL_INVALID_KERNEL_ARGS", -53: "CL_INVALID_WORK_DIMENSION",
    -54: "CL_INVALID_WORK_GROUP_SIZE", -55: "CL_INVALID_WORK_ITEM_SIZE",
    -56: "CL_INVALID_GLOBAL_OFFSET", -57: "CL_INVALID_EVENT_WAIT_LIST", -58: "CL_INVALID_EVENT",
    -59: "CL_INVALID_OPERATION", -61: "CL_INVALID_BUFFER_SIZE",
    -63: "CL_INVALID_GLOBAL_WORK_SIZE", -64: "CL_INVALID_PROPERTY",
    -1001: "CL_PLATFORM_NOT_FOUND_KHR",
    -9999: "an illegal access to memory, as NVIDIA's driver reports it",
  ]
}

/// Throws when an OpenCL call did not return success.
///
/// - Parameters:
///   - code: what the call returned.
///   - call: the call's name.
///   - attempted: what the caller was doing, as "creating a buffer of 64 bytes".
func check(
  _ code: Int32, _ call: String, _ attempted: @autoclosure () -> String
) throws(OpenCLError) {
  guard code == CL_SUCCESS else {
    throw .call(call, code: code, attempted: attempted())
  }
}
