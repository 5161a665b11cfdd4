import Foundation
import Testing

@Suite struct EmbedRuntimeTests {
  /// Builds the example as a separate package, into a folder beside the outer build's.
  @Test func theExamplePackageBuildsAndRuns() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let scratch = root.appending(path: ".build/examples/EmbedRuntime")
    try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
    let log = scratch.appending(path: "run.log")
    #expect(FileManager.default.createFile(atPath: log.path, contents: nil))
    let output = try FileHandle(forWritingTo: log)

    let package = ["--package-path", root.appending(path: "Examples/EmbedRuntime").path]
    let run = Process()
    run.executableURL = URL(filePath: "/usr/bin/env")
    run.arguments =
      ["swift", "run"] + package + ["--scratch-path", scratch.path, "EmbedRuntime"]
    run.environment = ProcessInfo.processInfo.environment.merging(
      ["POCL_CACHE_DIR": scratch.appending(path: "pocl").path], uniquingKeysWith: { $1 })
    run.standardOutput = output
    run.standardError = output
    try FileManager.default.createDirectory(
      at: scratch.appending(path: "pocl"), withIntermediateDirectories: true)
    try run.run()
    run.waitUntilExit()
    try output.close()

    let text = try String(contentsOf: log, encoding: .utf8)
    #expect(run.terminationStatus == 0, "\(text)")
    #expect(text.contains("200000 events, equal to the host"), "\(text)")
    let hours = text.split(separator: "\n").filter { $0.contains(":00 ") }
    #expect(hours.count == 24)
    #expect(text.contains("peak device memory: 1606240 bytes"), "\(text)")
    #expect(text.contains("count_hours: 1 launch"), "\(text)")
    #expect(try dependencies(of: package + ["--scratch-path", scratch.path]) == ["clseq": []])
  }

  /// The packages that a package depends on, each with those that it depends on itself.
  private func dependencies(of package: [String]) throws -> [String: [String]] {
    struct Dependency: Decodable {
      let name: String
      let dependencies: [Dependency]
    }
    let list = Process()
    list.executableURL = URL(filePath: "/usr/bin/env")
    list.arguments =
      ["swift", "package"] + package + ["show-dependencies", "--format", "json"]
    let pipe = Pipe()
    list.standardOutput = pipe
    try list.run()
    let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
    list.waitUntilExit()
    let root = try JSONDecoder().decode(Dependency.self, from: output)
    return Dictionary(
      uniqueKeysWithValues: root.dependencies.map { ($0.name, $0.dependencies.map(\.name)) })
  }
}
