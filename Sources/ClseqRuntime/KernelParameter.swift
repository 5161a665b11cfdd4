import COpenCL

/// What an argument of a kernel is, as far as launches are checked.
public enum KernelArgumentKind: UInt8, Sendable {
  /// Not known: it is not checked.
  case unknown
  /// A signed 32-bit integer.
  case int
  /// An unsigned 32-bit integer.
  case uint
  /// A signed 64-bit integer.
  case long
  /// An unsigned 64-bit integer.
  case ulong
  /// A 32-bit floating-point number.
  case float
  /// Device memory.
  case buffer
  /// Local memory of a work-group.
  case local

  /// Its name in a message.
  package var name: String {
    switch self {
    case .unknown: "an unknown kind"
    case .int: "int"
    case .uint: "uint"
    case .long: "long"
    case .ulong: "ulong"
    case .float: "float"
    case .buffer: "device memory"
    case .local: "local memory"
    }
  }
}

extension Kernel {
  /// The kinds of a kernel's arguments, `unknown` where the implementation does not tell.
  static func kinds(of kernel: cl_kernel, count: Int) -> [KernelArgumentKind] {
    (0..<count).map { index in
      var space: cl_kernel_arg_address_qualifier = 0
      guard
        clGetKernelArgInfo(
          kernel, cl_uint(index), cl_kernel_arg_info(CL_KERNEL_ARG_ADDRESS_QUALIFIER),
          MemoryLayout.size(ofValue: space), &space, nil) == CL_SUCCESS,
        let type = text(CL_KERNEL_ARG_TYPE_NAME, of: kernel, index)
      else { return .unknown }
      return kind(of: type, in: space)
    }
  }

  /// The type of an argument and its name, as the source spells them.
  func parameter(_ index: Int) -> (type: String, name: String) {
    let type = Self.text(CL_KERNEL_ARG_TYPE_NAME, of: handle, index) ?? kinds[index].name
    let name = Self.text(CL_KERNEL_ARG_NAME, of: handle, index) ?? "\(index)"
    return (kinds[index] == .local ? "local \(type)" : type, name)
  }

  private static func kind(
    of type: String, in space: cl_kernel_arg_address_qualifier
  ) -> KernelArgumentKind {
    switch Int32(bitPattern: space) {
    case CL_KERNEL_ARG_ADDRESS_LOCAL: return .local
    // Images and samplers have no star.
    case CL_KERNEL_ARG_ADDRESS_GLOBAL, CL_KERNEL_ARG_ADDRESS_CONSTANT:
      return type.hasSuffix("*") ? .buffer : .unknown
    default: break
    }
    return switch type {
    case "int": .int
    case "uint", "unsigned int": .uint
    case "long": .long
    case "ulong", "unsigned long": .ulong
    case "float": .float
    default: .unknown
    }
  }

  private static func text(_ name: Int32, of kernel: cl_kernel, _ index: Int) -> String? {
    let (index, name) = (cl_uint(index), cl_kernel_arg_info(name))
    var byteCount = 0
    guard clGetKernelArgInfo(kernel, index, name, 0, nil, &byteCount) == CL_SUCCESS else {
      return nil
    }
    var bytes = [UInt8](repeating: 0, count: byteCount)
    guard clGetKernelArgInfo(kernel, index, name, byteCount, &bytes, nil) == CL_SUCCESS else {
      return nil
    }
    return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
  }
}
