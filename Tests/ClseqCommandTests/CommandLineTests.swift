import Clseq
import ClseqTestSupport
import Foundation
import Testing

@Suite struct CommandLineTests {
  @Test func helpIsNoError() throws {
    for arguments in [["--help"], ["help", "train"], ["train", "-h"], []] {
      let result = try Program.run(arguments)
      #expect(result.status == 0 && result.errors.isEmpty)
      #expect(result.output.contains("USAGE: clseq"))
    }
  }

  @Test func everySettingHasAnOption() throws {
    let help = try Program.run(["train", "--help"]).output
    for setting in Setting.all where setting.isFlag {
      let isShown = !setting.isOfModels || setting.isOfEveryModel
      #expect(help.contains("--\(setting.flag) ") == isShown, "\(setting.flag)")
    }
    #expect(!help.contains("--data "))
    #expect(help.contains("-v, --verbose"))
  }

  @Test(arguments: ModelCatalog.all)
  func theHelpOfAModelHasItsSettingsAndDefaults(_ kind: ModelKind) throws {
    let help = try Program.run(["train", "--model", kind.name, "--help"]).output
    let settings = TrainingSettings(task: .nextItem, model: .network(kind))
    for setting in Setting.all where setting.isOfModels {
      #expect(help.contains("--\(setting.flag) ") == kind.has(setting.key), "\(setting.flag)")
    }
    #expect(help.contains("Width of the model (default: \(settings[.hiddenSize]))"))
    #expect(try Program.run(["train", "--help", "--model=\(kind.name)"]).output == help)
  }

  struct Mistake: Sendable, CustomTestStringConvertible {
    let arguments: [String]
    var environment: [String: String] = [:]
    let status: Int32
    let message: String

    var testDescription: String { arguments.joined(separator: " ") }
  }

  static let mistakes = [
    Mistake(
      arguments: ["evalate"], status: 64,
      message: "Unknown command 'evalate'. Did you mean 'evaluate'?"),
    Mistake(
      arguments: ["train", "--hiden-size", "3"], status: 64,
      message: "Unknown option '--hiden-size'. Did you mean '--hidden-size'?"),
    Mistake(
      arguments: ["train", "--hidden-size", "wide"], status: 64,
      message: "--hidden-size is 'wide', expected an integer from 1 to 65536"),
    Mistake(
      arguments: ["train", "--heads", "3"], status: 64,
      message: "heads (3) must divide hidden_size (64)"),
    Mistake(
      arguments: ["train", "--resume"], status: 64, message: "add --run PATH"),
    Mistake(
      arguments: ["train", "a", "b"], status: 64, message: "Unexpected argument 'b'"),
    Mistake(
      arguments: ["train"], environment: ["CLSEQ_HIDEN_SIZE": "3"], status: 64,
      message: "environment: unknown key 'hiden_size'; did you mean 'hidden_size'?"),
    Mistake(
      arguments: ["train"], environment: ["CLSEQ_DROPOUT": "2"], status: 64,
      message: "CLSEQ_DROPOUT is '2', expected a number from 0 to below 1"),
    // Before any data is read.
    Mistake(
      arguments: ["train", "missing.inter", "--horizon", "90"], status: 64,
      message: "--horizon is '90', expected a number with one of the units"),
    Mistake(
      arguments: ["train", "missing.inter", "--validation-from", "2026-02-30"], status: 64,
      message: "--validation-from is '2026-02-30', expected a day (2026-01-31)"),
    Mistake(
      arguments: ["train", "missing.inter"], environment: ["CLSEQ_CUTOFF": "2026-01-31xyz"],
      status: 64, message: "CLSEQ_CUTOFF is '2026-01-31xyz', expected a day"),
    Mistake(
      arguments: ["train", "--config", "missing.yaml"], status: 66,
      message: "missing.yaml: no such file"),
    Mistake(
      arguments: ["train", "missing.inter"], status: 66, message: "missing.inter: no such file"),
    Mistake(
      arguments: ["train", "--run", "missing", "--resume"], status: 66,
      message: "no run at missing"),
    Mistake(arguments: ["evaluate", "missing"], status: 66, message: "no run at missing"),
    Mistake(
      arguments: ["evaluate", "."], status: 66, message: ". is not a run: it has no config.yaml"),
    Mistake(
      arguments: ["evaluate", ".", "--part", "training"], status: 64,
      message: "'training' is invalid"),
    Mistake(
      arguments: ["generate", "--users", "0"], status: 64, message: "a shop has 1 to"),
    Mistake(
      arguments: ["generate", "--min-events", "9", "--max-events", "8"], status: 64,
      message: "--min-events (9) must not be above --max-events (8)"),
    Mistake(
      arguments: ["generate", "missing/log.inter", "--users", "1"], status: 73,
      message: "missing/log.inter"),
    Mistake(
      arguments: ["devices", "--device", "abacus"], status: 69,
      message: "no OpenCL device matches 'abacus'"),
    Mistake(
      arguments: ["devices"], environment: ["OCL_ICD_VENDORS": "/nonexistent"], status: 69,
      message: "apt-get install pocl-opencl-icd"),
    Mistake(
      arguments: ["train", "--device", "cpu"], environment: ["OCL_ICD_VENDORS": "/nonexistent"],
      status: 69, message: "apt-get install pocl-opencl-icd"),
  ]

  @Test(arguments: mistakes)
  func mistakesAreTold(mistake: Mistake) throws {
    let folder = try TemporaryFolder()
    let result = try Program.run(
      mistake.arguments, environment: mistake.environment, in: folder.path)
    #expect(result.status == mistake.status)
    #expect(result.output.isEmpty)
    // What was read may have been told before.
    #expect("\n\(result.errors)".contains("\nclseq: error: "))
    #expect(result.errors.contains(mistake.message), "\(result.errors)")
    #expect(try folder.names().isEmpty, "nothing is left behind")
  }

  @Test func lostOutputIsAnError() throws {
    let result = try Program.run(["devices"])
    #expect(result.status == 0)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", "\"$0\" generate --users 1 > /dev/full", Program.binary().path]
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 74)
  }
}
