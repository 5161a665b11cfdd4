import ArgumentParser
import Clseq
import Foundation

/// The `clseq` binary.
@main
struct ClseqCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "clseq",
    abstract: "Trains and evaluates models of behaviour sequences on any OpenCL device.",
    version: clseqVersion,
    subcommands: [
      PlanCommand.self, TrainCommand.self, EvaluateCommand.self, PredictCommand.self,
      RecommendCommand.self, ExplainCommand.self, CompareCommand.self, ReportCommand.self,
      RunsCommand.self, PrepareCommand.self,
      InspectCommand.self, ForecastCommand.self, GenerateCommand.self, DevicesCommand.self,
      DoctorCommand.self, TuneCommand.self, ConfigCommand.self, CompletionsCommand.self,
      ManCommand.self,
      BenchCommand.self,
    ])

  static func main() {
    // A file that may grow no further (RLIMIT_FSIZE) is then an error like a full disk.
    signal(SIGXFSZ, SIG_IGN)
    do {
      try checkName(CommandLine.arguments.dropFirst().first)
      var command = try parseAsRoot()
      if command is any DeviceCommand { KernelCache.open(ProcessInfo.processInfo.environment) }
      try command.run()
      KernelCache.close()
    } catch {
      exit(reporting: error)
    }
  }

  /// Names the nearest command to a mistyped one, which the parser does for options only.
  private static func checkName(_ name: String?) throws {
    let names = configuration.subcommands.compactMap { $0.configuration.commandName } + ["help"]
    guard let name, !name.hasPrefix("-"), !names.contains(name) else { return }
    let advice = nearest(to: name, among: names).map { ". Did you mean '\($0)'?" } ?? ""
    throw ValidationError("Unknown command '\(name)'\(advice)")
  }

  /// Ends the program with the status of an error, and tells what it was on standard error.
  private static func exit(reporting error: any Error) -> Never {
    KernelCache.close()
    let status = exitCode(for: error)
    if status == .success {
      if message(for: error) == clseqVersion {
        try? Console.write(VersionReport.text)
        Foundation.exit(0)
      }
      // A request for help or for the version is an error to the parser alone.
      exit(withError: error)
    }
    if status == .validationFailure {
      Console.fail(
        message(for: error), advice: "see 'clseq --help' and 'clseq COMMAND --help'",
        status: ExitStatus.usage)
      Foundation.exit(ExitStatus.usage)
    }
    let code = ExitStatus.code(for: error)
    Console.fail("\(error)", advice: Advice.about(error), status: code)
    Foundation.exit(code)
  }
}
