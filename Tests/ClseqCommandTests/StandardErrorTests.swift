import Clseq
import ClseqTestSupport
import Foundation
import Testing

/// What stands on standard error: forms, levels and advice.
@Suite(.serialized) struct StandardErrorTests {
  private func records(_ text: String) throws -> [[String: Any]] {
    try text.split(separator: "\n").map { line in
      let value = try JSONSerialization.jsonObject(with: Data(line.utf8))
      return try #require(value as? [String: Any], "\(line)")
    }
  }

  private func folderWithLog() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    let result = try Program.run(GenerateCommandTests.small + ["log.inter"], in: folder.path)
    #expect(result.status == 0)
    return folder
  }

  @Test func everyLineIsAnObjectWhereThatIsAskedFor() throws {
    let folder = try folderWithLog()
    let small = ["--hidden-size", "8", "--epochs", "2", "--device", "reference", "--run", "r"]
    let trained = try Program.run(
      ["train", "log.inter", "--log-format", "json", "-v"] + small, in: folder.path)
    #expect(trained.status == 0)
    let lines = try records(trained.errors)
    let notes = lines.filter { $0["level"] as? String == "note" }
      .compactMap { $0["message"] as? String }
    #expect(notes.contains { $0.hasPrefix("log.inter: 30 users, ") })
    #expect(notes.contains { $0.hasPrefix("epoch 2  loss ") })
    #expect(lines.contains { $0["level"] as? String == "warning" })

    // The environment says it too, and the form holds before settings are known to be sound.
    let environment = ["CLSEQ_LOG_FORMAT": "json", "CLSEQ_HEADS": "none"]
    let refused = try Program.run(["train"], environment: environment, in: folder.path)
    let error = try #require(try records(refused.errors).last)
    #expect(error["level"] as? String == "error" && error["status"] as? Int == 64)
    #expect((error["message"] as? String)?.contains("CLSEQ_HEADS is 'none'") == true)
    let mistyped = try Program.run(["train", "--log-format=json", "--bogus"])
    #expect(try records(mistyped.errors).count == 1 && mistyped.status == 64)
  }

  @Test func quietTellsErrorsAlone() throws {
    let folder = try folderWithLog()
    for options in [[], ["-v"], ["--quiet"]] {
      let result = try Program.run(["inspect", "log.inter"] + options, in: folder.path)
      #expect(result.status == 0)
      #expect(result.errors.contains("30 users") == (options == ["-v"]), "\(options)")
      #expect(result.errors.isEmpty == (options == ["--quiet"]), "\(options)")
    }
    let both = try Program.run(["inspect", "log.inter", "--quiet", "-v"], in: folder.path)
    #expect(both.status == 64 && !both.errors.isEmpty)
  }

  @Test func everyCommandTakesTheForms() throws {
    let commands = [
      "train", "evaluate", "predict", "recommend", "explain", "compare", "runs", "prepare",
      "inspect", "forecast", "config show", "bench step",
    ]
    for command in commands {
      let words = command.split(separator: " ").map(String.init)
      let help = try Program.run(words + ["--help"]).output
      for option in ["--log-format", "--quiet", "-v, --verbose"] {
        #expect(help.contains(option), "\(command) \(option)")
      }
    }
  }

  /// Runs a command in a terminal of its own, which `script` makes; nil where that is not installed.
  private func inTerminal(
    _ command: String, _ environment: [String: String], in folder: TemporaryFolder
  ) throws -> String? {
    let arguments = ["-qec", "'\(Program.binary().path)' \(command)", "/dev/null"]
    return try Program.runIfInstalled(
      "script", arguments, environment: environment, in: folder.path)?.output
  }

  @Test func coloursAreForTerminalsAlone() throws {
    let folder = try TemporaryFolder()
    #expect(!(try Program.run(["evaluate", "none"]).errors.contains("\u{1B}")))
    let terminal = ["TERM": "xterm"]
    guard let shown = try inTerminal("evaluate none", terminal, in: folder) else {
      print("no script here: colours are not tried")
      return
    }
    #expect(shown.contains("\u{1B}[31merror:\u{1B}[0m no run at none"), "\(shown)")
    for (name, value) in [("NO_COLOR", "1"), ("TERM", "dumb")] {
      let plain = try inTerminal(
        "evaluate none", terminal.merging([name: value]) { $1 }, in: folder)
      #expect(plain?.contains("\u{1B}") == false && plain?.contains("error: no run") == true)
    }
  }

  struct Failure: Sendable, CustomTestStringConvertible {
    let arguments: [String]
    let status: Int32
    let advice: String

    var testDescription: String { arguments.joined(separator: " ") }
  }

  static let failures = [
    Failure(
      arguments: ["train", "none.csv"], status: 66, advice: "name a file, a folder of shards"),
    Failure(arguments: ["train", "bad.csv"], status: 65, advice: "--skip-bad"),
    Failure(arguments: ["train", "short.csv"], status: 65, advice: "longer histories"),
    Failure(arguments: ["inspect", "cut.csv.gz"], status: 65, advice: "compress it again"),
    Failure(
      arguments: ["train", "--config", "list.yaml"], status: 64, advice: "clseq config template"),
    Failure(
      arguments: ["train", "--config", "odd.yaml"], status: 64, advice: "clseq config show"),
    Failure(arguments: ["evaluate", "none"], status: 66, advice: "clseq runs"),
    Failure(arguments: ["evaluate", "."], status: 66, advice: "Name the folder"),
    Failure(arguments: ["train", "--device", "abacus"], status: 69, advice: "clseq devices"),
    Failure(
      arguments: ["train", "--kernels", "."], status: 66, advice: "such as Kernels/OpenCL"),
    Failure(
      arguments: ["generate", "none/l.inter"], status: 73, advice: "choose another"),
    Failure(arguments: ["train", "--bogus"], status: 64, advice: "clseq COMMAND --help"),
    Failure(
      arguments: ["forecast", "short.csv"], status: 65, advice: "more days"),
  ]

  @Test(arguments: failures) func errorsEndWithWhatToDo(failure: Failure) throws {
    let folder = try TemporaryFolder()
    for (name, text) in [
      ("bad.csv", "user_id,item_id\nu\n"), ("short.csv", "user_id,item_id\nu,i\n"),
      ("list.yaml", "- a\n"), ("odd.yaml", "zzzzzzzzzzzzzzzzzzzzzzzz: 1\n"),
    ] { _ = try folder.write(Array(text.utf8), to: name) }
    _ = try folder.write([0x1F, 0x8B, 0x08, 0x00], to: "cut.csv.gz")
    let result = try Program.run(failure.arguments, in: folder.path)
    #expect(result.status == failure.status, "\(result.errors)")
    let last = result.errors.split(separator: "\n").last
    #expect(
      last?.hasPrefix("clseq: ") == true && last?.contains(failure.advice) == true,
      "\(result.errors)")
  }
}
