import ClseqTestSupport
import Foundation
import Testing

/// A dataset whose files are cut off while a training maps them.
@Suite(.serialized) struct CutFileTests {
  private static let settings = [
    "--device", "reference", "--hidden-size", "8", "--heads", "1", "--layers", "1",
    "--max-length", "10", "--run", "r", "--quiet",
  ]

  /// Sets the lengths of all mapped files of the dataset.
  private func setLengths(of folder: TemporaryFolder, _ length: (UInt64) -> UInt64) throws {
    for name in try FileManager.default.subpathsOfDirectory(atPath: folder.file("ds")) {
      let path = folder.file("ds/\(name)")
      guard let handle = FileHandle(forUpdatingAtPath: path), !name.hasSuffix(".json") else {
        continue
      }
      try handle.truncate(atOffset: length(try handle.seekToEnd()))
      try handle.close()
    }
  }

  @Test func isAnErrorAndTheCheckpointStays() throws {
    let folder = try TemporaryFolder()
    for call in [
      GenerateCommandTests.small + ["log.inter"], ["prepare", "log.inter", "-o", "ds"],
      ["prepare", "log.inter", "-o", "copy"],
    ] { #expect(try Program.run(call, in: folder.path).status == 0) }

    let process = Process()
    process.executableURL = Program.binary()
    process.arguments = ["train", "ds", "--epochs", "100000", "--patience", "0"] + Self.settings
    process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
    let errors = try folder.write([], to: "errors")
    process.standardError = FileHandle(forWritingAtPath: errors)
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    let best = folder.file("r/best")
    for _ in 0..<600 where !FileManager.default.fileExists(atPath: best) {
      Thread.sleep(forTimeInterval: 0.1)
    }
    try setLengths(of: folder) { _ in 0 }
    process.waitUntilExit()
    #expect(process.terminationReason == .exit && process.terminationStatus == 74)
    let text = try String(contentsOfFile: errors, encoding: .utf8)
    #expect(text.contains("was cut off while it was in use") && text.contains("/ds/"), "\(text)")

    // What was trained is there, and the run goes on with the file that is put back.
    try FileManager.default.removeItem(atPath: folder.file("ds"))
    try FileManager.default.moveItem(atPath: folder.file("copy"), toPath: folder.file("ds"))
    let epochs = try String(contentsOfFile: folder.file("r/metrics.jsonl"), encoding: .utf8)
      .split(separator: "\n").count
    let resumed = try Program.run(
      ["train", "--resume", "--epochs", "\(epochs + 1)"] + Self.settings, in: folder.path)
    #expect(resumed.status == 0, "\(resumed.errors)")
    #expect(try Program.run(["evaluate", "r"], in: folder.path).status == 0)
  }

  @Test func aModelThatFitsNoMemoryIsAnError() throws {
    let folder = try TemporaryFolder()
    #expect(
      try Program.run(GenerateCommandTests.small + ["log.inter"], in: folder.path).status == 0)
    let small = ["train", "log.inter", "--epochs", "1", "--layers", "1", "--heads", "1"]
    for options in [
      ["--device", "reference", "--hidden-size", "65536", "--memory", "1GiB"],
      ["--device", "reference", "--hidden-size", "65536", "--feed-forward-size", "1048576"],
      ["--device", "reference", "--hidden-size", "64", "--memory", "100KB"],
      [
        "--device", "reference", "--model", "gru", "--recurrent-sizes", "65536", "--memory", "1GiB",
      ],
      ["--device", "cpu", "--hidden-size", "65536", "--feed-forward-size", "1048576"],
    ] {
      let result = try Program.run(small + options, in: folder.path)
      #expect(result.status == 71, "\(options): \(result.errors)")
      #expect(result.errors.contains("bytes"), "\(result.errors)")
      #expect(try folder.names() == ["log.inter"], "\(options)")
    }
  }
}
