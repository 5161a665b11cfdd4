import ClseqTestSupport
import Foundation

/// The built binaries, run as people run them.
enum Program {
  struct Result {
    let status: Int32
    let output: String
    let errors: String
  }

  /// Paths, and what tells OpenCL and the sanitizers how to behave.
  private static let inheritedVariables = [
    "HOME", "PATH", "POCL_CACHE_DIR", "OCL_ICD_VENDORS", "ASAN_OPTIONS", "LSAN_OPTIONS",
    "TSAN_OPTIONS",
  ]

  /// Runs the program to its end.
  ///
  /// - Parameters:
  ///   - program: the binary's name.
  ///   - executable: another program than those that were built.
  ///   - environment: what the program finds of it beside ``inheritedVariables``.
  ///   - folder: where it runs; a new one where none is given.
  static func run(
    _ arguments: [String], program: String = "clseq", executable: URL? = nil,
    environment: [String: String] = [:],
    in folder: String? = nil
  ) throws -> Result {
    try run(
      arguments, of: executable ?? binary(program), environment: environment, in: folder)
  }

  /// Runs a program of the system to its end; nil where there is none of this name.
  static func runIfInstalled(
    _ name: String, _ arguments: [String], environment: [String: String] = [:],
    in folder: String? = nil
  ) throws -> Result? {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    let found = folders.map { "\($0)/\(name)" }.first(
      where: FileManager.default.isExecutableFile)
    return try found.map {
      try run(arguments, of: URL(fileURLWithPath: $0), environment: environment, in: folder)
    }
  }

  private static func run(
    _ arguments: [String], of executable: URL, environment: [String: String], in folder: String?
  ) throws -> Result {
    let scratch = try TemporaryFolder()
    let process = Process()
    process.executableURL = executable
    process.arguments = arguments
    let inherited = ProcessInfo.processInfo.environment.filter {
      inheritedVariables.contains($0.key)
    }
    process.environment = inherited.merging(environment) { $1 }
    process.currentDirectoryURL = URL(fileURLWithPath: folder ?? scratch.path)
    let output = try scratch.write([], to: "stdout")
    let errors = try scratch.write([], to: "stderr")
    process.standardOutput = FileHandle(forWritingAtPath: output)
    process.standardError = FileHandle(forWritingAtPath: errors)
    try process.run()
    process.waitUntilExit()
    return Result(
      status: process.terminationStatus,
      output: try String(contentsOfFile: output, encoding: .utf8),
      errors: try String(contentsOfFile: errors, encoding: .utf8))
  }

  /// Where a binary stands: beside the bundle of the tests.
  static func binary(_ name: String = "clseq") -> URL {
    URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
      .deletingLastPathComponent().appending(path: name)
  }
}
