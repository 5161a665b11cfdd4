import COpenCL
import Foundation

/// OpenCL C text under a name: its parts are compiled one after another.
public struct KernelSource: Sendable {
  /// The base name of the file, as "matmul".
  public let name: String
  /// Named texts, in the order in which they are compiled; the last is the source itself. The
  /// compiler reports errors by these names and the lines inside each text.
  public let parts: [(name: String, text: String)]

  /// The whole text, with the names of its parts as a compiler reports them.
  public var text: String { Self.joined(parts) }

  static func joined(_ parts: [(name: String, text: String)]) -> String {
    parts.map { "#line 1 \"\($0.name)\"\n\($0.text)" }.joined(separator: "\n")
  }

  /// A source of one text.
  public init(name: String, text: String) {
    self.init(name: name, parts: [(name, text)])
  }

  /// A source that begins with other texts, such as shared definitions.
  public init(name: String, parts: [(name: String, text: String)]) {
    self.name = name
    self.parts = parts
  }
}

/// A program that is being built, or has been: from its source, or from what the implementation keeps.
public struct ProgramBuild: Sendable {
  /// The name of its source.
  public let source: String
  /// Its number among the programs of the context, from 1.
  public let number: Int
  /// Whether it has ended.
  public let isDone: Bool
}

/// The built programs of one context, by source and options.
///
/// Binaries are not kept on disk here: pocl and NVIDIA's driver do that themselves.
final class ProgramCache {
  private struct Key: Hashable {
    let source: KernelSource
    let options: [String]

    // The texts are compared, not hashed: comparing a string with itself costs nothing.
    static func == (a: Key, b: Key) -> Bool {
      a.source.name == b.source.name && a.options == b.options
        && a.source.parts.elementsEqual(b.source.parts, by: ==)
    }

    func hash(into hasher: inout Hasher) {
      hasher.combine(source.name)
      hasher.combine(options)
    }
  }

  private struct Program {
    let handle: cl_program
    var kernels: [String: Kernel] = [:]
  }

  private let context: cl_context
  private let device: Device
  private let sourceFolder: String?
  private let buildOptions: [String]
  private var programs: [Key: Program] = [:]
  var onBuild: ((ProgramBuild) -> Void)?

  init(context: cl_context, device: Device, sourceFolder: String?, buildOptions: [String]) {
    self.context = context
    self.device = device
    self.sourceFolder = sourceFolder
    self.buildOptions = buildOptions
  }

  deinit {
    let handles = programs.values.map(\.handle)
    programs.removeAll()
    for handle in handles { clReleaseProgram(handle) }
  }

  func kernel(
    _ name: String, of source: KernelSource, options: [String]
  ) throws(OpenCLError) -> Kernel {
    let key = Key(source: source, options: options)
    if let kernel = programs[key]?.kernels[name] { return kernel }
    let program: cl_program
    if let known = programs[key]?.handle {
      program = known
    } else {
      program = try reportedBuild(source, options)
      programs[key] = Program(handle: program)
    }
    let kernel = try Kernel(name, of: program, in: source.name)
    try kernel.checkLimits(of: device)
    programs[key]?.kernels[name] = kernel
    return kernel
  }

  func builtKernels() throws(OpenCLError) -> [(source: String, kernel: String)] {
    var kernels: [(source: String, kernel: String)] = []
    let info = cl_program_info(CL_PROGRAM_KERNEL_NAMES)
    for (key, program) in programs {
      var byteCount = 0
      try check(
        clGetProgramInfo(program.handle, info, 0, nil, &byteCount), "clGetProgramInfo",
        "sizing the kernels' names of '\(key.source.name)'")
      var bytes = [UInt8](repeating: 0, count: byteCount)
      try check(
        clGetProgramInfo(program.handle, info, byteCount, &bytes, nil), "clGetProgramInfo",
        "naming the kernels of '\(key.source.name)'")
      let names = String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      kernels += names.split(separator: ";").map { (key.source.name, String($0)) }
    }
    return kernels
  }

  private func reportedBuild(
    _ source: KernelSource, _ options: [String]
  ) throws(OpenCLError) -> cl_program {
    let number = programs.count + 1
    onBuild?(ProgramBuild(source: source.name, number: number, isDone: false))
    defer { onBuild?(ProgramBuild(source: source.name, number: number, isDone: true)) }
    return try build(source, options)
  }

  private func build(
    _ source: KernelSource, _ options: [String]
  ) throws(OpenCLError) -> cl_program {
    var parts = source.parts
    for index in parts.indices { parts[index].text = try text(of: parts[index]) }
    var code: Int32 = 0
    let made = KernelSource.joined(parts).withCString { text in
      var pointers: [UnsafePointer<CChar>?] = [text]
      return clCreateProgramWithSource(context, 1, &pointers, nil, &code)
    }
    guard let made, code == CL_SUCCESS else {
      throw .call(
        "clCreateProgramWithSource", code: code, attempted: "reading source '\(source.name)'")
    }
    // With types of arguments, which each launch is checked with.
    let line = (["-cl-kernel-arg-info"] + buildOptions + options).joined(separator: " ")
    var ids: [cl_device_id?] = [device.handle]
    let built = clBuildProgram(made, 1, &ids, line, nil, nil)
    guard built == CL_SUCCESS else {
      let log = buildLog(made)
      clReleaseProgram(made)
      throw .build(source: source.name, options: line, log: log)
    }
    return made
  }

  private func text(of part: (name: String, text: String)) throws(OpenCLError) -> String {
    guard let sourceFolder else { return part.text }
    let path = "\(sourceFolder)/\(part.name).cl"
    guard let bytes = FileManager.default.contents(atPath: path) else {
      throw .noSource(path: path)
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private func buildLog(_ program: cl_program) -> String {
    let info = cl_program_build_info(CL_PROGRAM_BUILD_LOG)
    var byteCount = 0
    clGetProgramBuildInfo(program, device.handle, info, 0, nil, &byteCount)
    var bytes = [UInt8](repeating: 0, count: byteCount)
    clGetProgramBuildInfo(program, device.handle, info, byteCount, &bytes, nil)
    return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
  }
}
