import Clseq
import ClseqTestSupport
import Foundation
import Testing

/// Completion scripts, evaluated by the shells themselves; and the manual.
@Suite struct CompletionTests {
  /// Words that a shell offers for the last word of a line.
  struct Case: Sendable, CustomTestStringConvertible {
    let line: String
    let offered: [String]
    var refused: [String] = []

    var testDescription: String { line }
  }

  static let cases = [
    Case(line: "clseq ev", offered: ["evaluate"], refused: ["train", "explain"]),
    Case(line: "clseq config ", offered: ["show", "template"], refused: ["train"]),
    Case(line: "clseq train --hidden", offered: ["--hidden-size"], refused: ["--layers"]),
    Case(
      line: "clseq train --model l", offered: ["lstm", "lstm-attention"], refused: ["transformer"]),
    Case(line: "clseq evaluate run --part ", offered: ["validation", "test"]),
    Case(line: "clseq completions ", offered: ["bash", "zsh", "fish"]),
    Case(line: "clseq train --config s", offered: ["settings.yaml"], refused: ["log.csv"]),
    Case(line: "clseq prepare lo", offered: ["log.csv"]),
    Case(line: "clseq evaluate r", offered: ["runs"], refused: ["readme"]),
    Case(line: "clseq train --run r", offered: ["runs"], refused: ["readme"]),
  ]

  private func folder(for shell: String) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    for name in ["settings.yaml", "log.csv", "readme"] { _ = try folder.write([], to: name) }
    try FileManager.default.createDirectory(
      atPath: folder.file("runs"), withIntermediateDirectories: true)
    let script = try Program.run(["completions", shell])
    #expect(script.status == 0 && script.errors.isEmpty)
    _ = try folder.write(Array(script.output.utf8), to: "script")
    return folder
  }

  /// Asks a shell; nothing is checked where it is not installed, which is said.
  private func check(_ item: Case, in shell: String, _ program: String) throws {
    let folder = try folder(for: shell)
    let environment = ["LINE": item.line, "ZDOTDIR": folder.path, "XDG_DATA_HOME": folder.path]
    guard
      let result = try Program.runIfInstalled(
        shell, ["-c", program], environment: environment, in: folder.path)
    else {
      print("no \(shell) here: its completions are not tried")
      return
    }
    let words = result.output.split(separator: "\n").map { line in
      String(line.prefix { $0 != "\t" }).trimmingCharacters(in: CharacterSet(charactersIn: "/ "))
    }
    for word in item.offered {
      #expect(words.contains(word), "\(item.line): \(words) \(result.errors)")
    }
    for word in item.refused { #expect(!words.contains(word), "\(item.line): \(words)") }
  }

  @Test(arguments: cases) func bashCompletes(item: Case) throws {
    try check(
      item, in: "bash",
      """
      source ./script
      read -ra COMP_WORDS <<< "$LINE"
      [[ $LINE == *' ' ]] && COMP_WORDS+=("")
      COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) COMP_LINE=$LINE COMP_POINT=${#LINE}
      [[ $(complete -p clseq) == *'-F _clseq clseq' ]] || exit 1
      _clseq clseq "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
      printf '%s\\n' "${COMPREPLY[@]}"
      """)
  }

  @Test(arguments: cases) func fishCompletes(item: Case) throws {
    try check(item, in: "fish", "source ./script; complete -C \"$LINE\"")
  }

  /// Zsh completes in an interactive shell alone, which a pseudo-terminal drives: the words that it
  /// lists are taken as they go into its table of matches.
  @Test(arguments: cases) func zshCompletes(item: Case) throws {
    try check(
      item, in: "zsh",
      """
      zmodload zsh/zpty
      zpty shell zsh -f -i
      zpty -w shell 'PROMPT=; stty -echo; autoload -Uz compinit; compinit -u -D; source ./script; '\\
      'compdef _clseq clseq; zstyle ":completion:*" verbose no; zstyle ":completion:*" menu no'
      zpty -w shell 'compadd() { local -a found; builtin compadd -A found -D found "$@" 2> /dev/null; '\\
      'builtin compadd -O found "$@"; print -rl -- "MATCH "${^found} >> found; builtin compadd "$@" }'
      zpty -w shell 'function finish() { print -r done >> found }; zle -N finish; bindkey "^X" finish'
      zpty -w -n shell "$LINE"$'\\t\\x18'
      for attempt in {1..100}; do
        [[ -e found && $(<found) == *done* ]] && break
        sleep 0.1
      done
      zpty -d shell
      sed -n 's/^MATCH //p' found
      """)
  }

  @Test func theManualIsCleanAndWhole() throws {
    let environment = ["SOURCE_DATE_EPOCH": "1700000000"]
    let manual = try Program.run(["man"], environment: environment)
    #expect(manual.status == 0 && manual.errors.isEmpty)
    #expect(manual.output.hasPrefix(".Dd November 14, 2023\n.Dt CLSEQ 1\n"))
    for setting in Setting.all where setting.isFlag {
      #expect(manual.output.contains("Fl -\(setting.flag)"), "\(setting.flag)")
    }
    for command in ["train", "config show", "bench matmul", "completions", "man", "runs"] {
      #expect(manual.output.contains("\n.Ss \(command)\n.Nm clseq \(command)\n"), "\(command)")
    }
    for title in ["SETTINGS", "ENVIRONMENT", "FILES", "EXIT STATUS", "EXAMPLES"] {
      #expect(manual.output.contains("\n.Sh \(title)\n"), "\(title)")
    }
    let folder = try TemporaryFolder()
    let page = try folder.write(Array(manual.output.utf8), to: "clseq.1")
    guard let lint = try Program.runIfInstalled("mandoc", ["-Tlint", page]) else {
      print("no mandoc here: the manual is not linted")
      return
    }
    #expect(lint.status == 0 && lint.output.isEmpty, "\(lint.output)")
    let shown = try Program.runIfInstalled("mandoc", ["-Tutf8", page])
    #expect(shown?.output.contains("clseq evaluate") == true)
  }
}
