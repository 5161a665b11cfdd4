import Clseq
import ClseqTestSupport
import Foundation
import Testing

/// `clseq config`, and `--version`.
@Suite struct ConfigCommandTests {
  private struct Listing: Decodable {
    struct Entry: Decodable {
      let key: String
      let value: String
      let origin: String?
      let place: String?
    }
    let settings: [Entry]

    subscript(key: String) -> Entry? { settings.first { $0.key == key } }
  }

  private func listing(
    _ arguments: [String], environment: [String: String] = [:], in folder: TemporaryFolder
  ) throws -> Listing {
    let result = try Program.run(
      ["config"] + arguments + ["--format", "json"], environment: environment, in: folder.path)
    #expect(result.status == 0, "\(result.errors)")
    return try JSONDecoder().decode(Listing.self, from: Data(result.output.utf8))
  }

  @Test func everySettingStandsWithItsOrigin() throws {
    let folder = try TemporaryFolder()
    _ = try folder.write(Array("layers: 3\nheads: 8\ndropout: 0.1\n".utf8), to: "s.yaml")
    let found = try listing(
      ["show", "log.csv", "--config", "s.yaml", "--dropout", "0.3"],
      environment: ["CLSEQ_HEADS": "4"], in: folder)
    #expect(found.settings.map(\.key) == Setting.all(of: TrainingSettings()).map(\.key))
    func check(_ key: String, _ value: String, _ origin: String, _ place: String?) {
      let entry = found[key]
      #expect(entry?.value == value && entry?.origin == origin && entry?.place == place, "\(key)")
    }
    check("layers", "3", "file", "s.yaml")
    check("heads", "4", "environment", "CLSEQ_HEADS")
    check("dropout", "0.3", "flag", "--dropout")
    check("hidden_size", "64", "default", nil)
    check("format", "json", "flag", "--format")
    #expect(found["data"]?.place == "argument")
    let defaults = found.settings.filter { $0.origin == "default" }
    #expect(defaults.count == found.settings.count - 5)
  }

  @Test func aRunShowsWhatItWasStartedWith() throws {
    let folder = try TemporaryFolder()
    #expect(try Program.run(GenerateCommandTests.small + ["l.inter"], in: folder.path).status == 0)
    let options = ["--model", "markov", "--seed", "5", "--run", "r", "--quiet"]
    #expect(try Program.run(["train", "l.inter"] + options, in: folder.path).status == 0)
    let found = try listing(["show", "--run", "r"], in: folder)
    #expect(found["seed"]?.value == "5" && found["seed"]?.place == "r/config.yaml")
    #expect(found["model"]?.value == "markov")
    let missing = try Program.run(["config", "show", "--run", "none"], in: folder.path)
    #expect(missing.status == 66)
    let both = try Program.run(
      ["config", "show", "--run", "r", "--config", "s.yaml"], in: folder.path)
    #expect(both.status == 64 && both.errors.contains("leave the log and --config away"))
  }

  @Test(arguments: [[], ["--task", "click", "--learning-rate", "0.01"], ["--model", "lstm"]])
  func theTemplateLoadsBackUnchanged(options: [String]) throws {
    let folder = try TemporaryFolder()
    // The environment wins over files, and is not written into one.
    let template = try Program.run(
      ["config", "template"] + options, environment: ["CLSEQ_LAYERS": "7"], in: folder.path)
    #expect(template.status == 0, "\(template.errors)")
    _ = try folder.write(Array(template.output.utf8), to: "t.yaml")
    let asked = try listing(["show"] + options, in: folder)
    let loaded = try listing(["show", "--config", "t.yaml"], in: folder)
    #expect(loaded.settings.map(\.value) == asked.settings.map(\.value))
    let keys = Set(loaded.settings.map(\.key))
    let saved = Setting.all.filter { $0.scope != .invocation && keys.contains($0.key) }
    #expect(loaded.settings.count { $0.place == "t.yaml" } == saved.count)
    for setting in saved {
      #expect(template.output.contains("\n# \(setting.help)\n"), "\(setting.key)")
    }
  }

  @Test func theVersionNeverFails() throws {
    let whole = try Program.run(["--version"])
    #expect(whole.status == 0 && whole.output.hasPrefix("clseq \(clseqVersion)\ncommit  "))
    #expect(whole.output.contains("\nOpenCL  0:0  "), "\(whole.output)")
    let without = try Program.run(
      ["train", "--version"],
      environment: ["OCL_ICD_VENDORS": "/nonexistent", "CLSEQ_HEADS": "none"])
    #expect(without.status == 0 && without.errors.isEmpty)
    #expect(without.output.hasSuffix("OpenCL  no OpenCL device\n"), "\(without.output)")
  }
}
