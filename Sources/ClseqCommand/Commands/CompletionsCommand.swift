import ArgumentParser

/// Prints what makes a shell complete command lines.
struct CompletionsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "completions", abstract: "Print a shell's completion script.",
    discussion: """
      For bash: `source <(clseq completions bash)`, or the text in a file `clseq` in \
      ~/.local/share/bash-completion/completions. For zsh: in a file `_clseq` in a folder of `fpath`. \
      For fish: in ~/.config/fish/completions/clseq.fish.
      """)

  /// The shells that are known.
  enum Shell: String, CaseIterable, ExpressibleByArgument { case bash, zsh, fish }

  @Argument(help: "bash, zsh or fish.") var shell: Shell

  @OptionGroup(title: "Settings") var options: SettingOptions<DiagnosticSettings>

  func run() throws {
    let kind: CompletionShell =
      switch shell {
      case .bash: .bash
      case .zsh: .zsh
      case .fish: .fish
      }
    let script = HelpBasis.$current.withValue(.all) { ClseqCommand.completionScript(for: kind) }
    try Console.write(script + "\n")
  }
}
