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
      PlanCommand.self, TrainCommand.self, FinetuneCommand.self, EvaluateCommand.self,
      PrequentialCommand.self, PredictCommand.self,
      RecommendCommand.self, ExplainCommand.self, EmbedCommand.self, NeighboursCommand.self,
      SimilarityCommand.self, ClusterCommand.self, AnomalyCommand.self, SampleCommand.self,
      CompareCommand.self, ReportCommand.self, RunsCommand.self, PrepareCommand.self,
      InspectCommand.self, ForecastCommand.self, GenerateCommand.self, DevicesCommand.self,
      DoctorCommand.self, TuneCommand.self, ConfigCommand.self, CompletionsCommand.self,
      ManCommand.self,
      BenchCommand.self,
    ])

  static func main() {
    StandardStreams.open()
    CutFile.install()
    // A file that may grow no further (RLIMIT_FSIZE) is then an error like a full disk.
    signal(SIGXFSZ, SIG_IGN)
    let arguments = CommandLine.arguments.dropFirst()
    HelpBasis.$current.withValue(HelpBasis(arguments: arguments)) {
      do {
        try checkName(arguments.first)
        var command = try parseAsRoot()
        try command.run()
        KernelCache.close()
      } catch {
        exit(reporting: error)
      }
    }
  }

  /// The parser takes a value such as -1 for an option, and says that the value is missing.
  private static func negativeValue(in message: String) -> String {
    guard message.hasPrefix("Missing value for '"),
      let option = message.split(separator: "'").dropFirst().first?.split(separator: " ").first,
      let place = CommandLine.arguments.firstIndex(of: String(option)),
      let value = CommandLine.arguments.dropFirst(place + 1).first, Double(value) != nil
    else { return "" }
    return "; a negative one is written \(option)=\(value)"
  }

  /// Names the nearest command to a mistyped one, which the parser does for options only.
  private static func checkName(_ name: String?) throws {
    let names = configuration.subcommands.compactMap { $0.configuration.commandName } + ["help"]
    guard let name, !name.hasPrefix("-"), !names.contains(name) else { return }
    let advice = nearest(to: name, among: names).map { ". Did you mean '\($0)'?" } ?? ""
    throw ValidationError("Unknown command '\(name)'\(advice)")
  }

  /// Ends the program with the status of an error and reports the error on standard error.
  private static func exit(reporting error: any Error) -> Never {
    var error = error
    // A request for help or for the version is an error to the parser alone.
    if exitCode(for: error) == .success {
      let text = message(for: error)
      do {
        try Console.write(
          text == clseqVersion ? VersionReport.text : fullMessage(for: error) + "\n")
        KernelCache.close()
        Foundation.exit(0)
      } catch let failure {
        error = failure
      }
    }
    KernelCache.close()
    if exitCode(for: error) == .validationFailure {
      Console.fail(
        message(for: error) + Self.negativeValue(in: message(for: error)),
        advice: "see 'clseq --help' and 'clseq COMMAND --help'",
        status: ExitStatus.usage)
      Foundation.exit(ExitStatus.usage)
    }
    let code = ExitStatus.code(for: error)
    Console.fail("\(error)", advice: Advice.about(error), status: code)
    Foundation.exit(code)
  }
}
