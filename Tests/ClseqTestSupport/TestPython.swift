public import Foundation

/// The Python that reads and writes files of other programs: the one that `TEST_PYTHON` names, or
/// `python3`.
public enum TestPython {
  private static let name = ProcessInfo.processInfo.environment["TEST_PYTHON"] ?? "python3"

  /// Whether a package can be imported.
  public static func has(_ package: String) -> Bool {
    (try? run(["-c", "import \(package)"]).status) == 0
  }

  /// Runs Python to its end.
  ///
  /// - Parameter folder: where it runs.
  /// - Returns: its status, and its standard output.
  public static func run(
    _ arguments: [String], in folder: String = "/"
  ) throws -> (status: Int32, output: Data) {
    let scratch = try TemporaryFolder()
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [name] + arguments
    process.currentDirectoryURL = URL(filePath: folder)
    process.standardError = FileHandle.nullDevice
    let output = try scratch.write([], to: "stdout")
    process.standardOutput = FileHandle(forWritingAtPath: output)
    try process.run()
    process.waitUntilExit()
    return (process.terminationStatus, try Data(contentsOf: URL(fileURLWithPath: output)))
  }
}
