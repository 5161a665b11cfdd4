import ArgumentParser

/// The `clseq` binary.
@main
struct ClseqCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "clseq")
}
