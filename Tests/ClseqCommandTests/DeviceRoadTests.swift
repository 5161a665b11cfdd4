import ClseqTestSupport
import Foundation
import Testing

/// Every command that opens a device goes one road, on which kernels are kept.
@Suite(.serialized) struct DeviceRoadTests {
  /// How each command with the setting `device` is called; those it prints nothing without are named.
  private static let calls: [String: [String]] = [
    "plan": ["log.inter"], "train": ["log.inter", "--run", "other"], "evaluate": ["r"],
    "predict": ["r", "log.inter"], "recommend": ["r", "--history", "1,2"],
    "finetune": ["r", "log.inter", "--epochs", "1", "--run", "f"],
    "prequential": ["log.inter", "--every", "7d", "--run", "q"],
    "explain": ["r", "log.inter", "--user", "u1"], "embed": ["r", "log.inter"],
    "sample": ["v", "--count", "2"],
    "neighbours": ["r", "log.inter", "--user", "u1"], "cluster": ["r", "log.inter", "--k", "2"],
    "anomaly": ["r", "log.inter"],
    "compare": ["r", "s"], "report": ["r"],
    "forecast": ["log.inter", "--model", "lstm"], "devices": [], "doctor": [],
    "tune": ["log.inter", "--search", "dropout=0.1|0.2", "--trials", "1", "--run", "t"],
    "config show": [], "config template": [], "bench matmul": ["nt:8x8x8"],
    "bench attention": ["log.inter", "--steps", "1", "--head-width", "8"],
    "bench recurrent": ["log.inter", "--steps", "1", "--inputs", "8", "--width", "8"],
    "bench step": ["log.inter", "--steps", "1", "--warmup", "0", "--profiled-steps", "0"],
    "bench growth": [], "bench clusters": ["items.npy", "--k", "2", "--rounds", "1"],
  ]
  /// Too long for a test; its device comes by the closure that `bench step` has too.
  private static let untried: Set<String> = ["bench growth"]

  private struct Description: Decodable {
    struct Argument: Decodable {
      struct Name: Decodable { let name: String }
      let names: [Name]?
    }
    let commandName: String
    let arguments: [Argument]?
    let subcommands: [Description]?

    func commands(with option: String, below path: [String]) -> [String] {
      let names = (arguments ?? []).flatMap { $0.names ?? [] }.map(\.name)
      let own = names.contains(option) ? [path.joined(separator: " ")] : []
      return own
        + (subcommands ?? []).flatMap {
          $0.commands(with: option, below: path + [$0.commandName])
        }
    }
  }

  private func commands() throws -> [String] {
    struct Document: Decodable { let command: Description }
    let dump = try Program.run(["--experimental-dump-help"]).output
    return try JSONDecoder().decode(Document.self, from: Data(dump.utf8)).command
      .commands(with: "device", below: [])
  }

  @Test func everyCommandKeepsItsKernelsInOneCache() throws {
    let folder = try TemporaryFolder()
    let caches = folder.file("caches")
    // POCL_CACHE_DIR is pocl's own way: here it is not set.
    let environment = ["XDG_CACHE_HOME": caches, "POCL_CACHE_DIR": "", "CLSEQ_DEVICE": "cpu"]
    let model = ["--hidden-size", "8", "--heads", "1", "--layers", "1", "--epochs", "1"]
    #expect(
      try Program.run(GenerateCommandTests.small + ["log.inter"], in: folder.path).status == 0)
    let devices = try Program.run(["devices"], environment: environment, in: folder.path)
    guard devices.output.lowercased().contains("portable computing language") else {
      print("the CPU's OpenCL is not pocl: its caches are not tried")
      return
    }
    for run in ["r", "s"] {
      let call = ["train", "log.inter", "--run", run] + model
      #expect(try Program.run(call, environment: environment, in: folder.path).status == 0)
    }
    let compressing = ["--task", "reconstruct", "--model", "vae", "--code-size", "4"]
    for call in [
      ["train", "log.inter", "--run", "v", "--epochs", "1"] + compressing,
      ["embed", "r", "--of", "items", "-o", "items.npy"],
    ] {
      #expect(try Program.run(call, environment: environment, in: folder.path).status == 0)
    }
    for command in try commands() where !Self.untried.contains(command) {
      let words = try #require(Self.calls[command], "how is '\(command)' called?")
      let takesModel = ["train", "tune", "plan", "prequential"].contains(command)
      let call = command.split(separator: " ").map(String.init) + words + (takesModel ? model : [])
      let result = try Program.run(call, environment: environment, in: folder.path)
      #expect(result.status == 0, "\(command): \(result.errors)")
      let names = try FileManager.default.contentsOfDirectory(atPath: caches)
      #expect(names == ["clseq"], "\(command) has used pocl's shared cache")
    }
  }

  @Test func noOtherFileOfTheCommandLineOpensADevice() throws {
    let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Sources/ClseqCommand")
    let ways = [
      "openBackend(", "Device.all(", "Device.select(settings.device)", "TrainingPlan(", " Context(",
      "KernelCache.open(",
    ]
    let files = try #require(
      FileManager.default.enumerator(atPath: sources.path)?.compactMap { $0 as? String })
    for file in files where file.hasSuffix(".swift") && file != "Kernels/DeviceRoad.swift" {
      let text = try String(contentsOf: sources.appending(path: file), encoding: .utf8)
      for way in ways where file != "Kernels/KernelCache.swift" {
        #expect(!text.contains(way), "\(file) opens a device by itself: \(way)")
      }
    }
  }
}
