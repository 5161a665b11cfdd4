import Clseq
import Foundation

/// The manual page `clseq(1)`, made of the commands' own declarations and the table of settings.
struct ManualPage {
  private let root: CommandDescription
  private let date: Date

  init(_ root: CommandDescription, date: Date) {
    self.root = root
    self.date = date
  }

  /// The page in mdoc.
  var text: String {
    let parts = [
      header, synopsis, description, commands, settings, Self.environment, Self.files, exitStatus,
      Self.examples,
    ]
    return parts.joined()
  }

  private var header: String {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = .gmt
    let day = calendar.dateComponents([.year, .month, .day], from: date)
    let months = [
      "January", "February", "March", "April", "May", "June", "July", "August", "September",
      "October", "November", "December",
    ]
    return """
      .Dd \(months[(day.month ?? 1) - 1]) \(day.day ?? 1), \(day.year ?? 1970)
      .Dt CLSEQ 1
      .Os
      .Sh NAME
      .Nm clseq
      .Nd train and evaluate models of behaviour sequences

      """
  }

  private var synopsis: String {
    """
    .Sh SYNOPSIS
    .Nm
    .Ar command
    .Op Ar argument ...
    .Op Ar option ...
    .Nm
    .Fl -version

    """
  }

  private var description: String {
    ".Sh DESCRIPTION\n.Nm\n"
      + ManualText.lines(
        """
        reads a log of behaviour events, trains a model on each user's sequence on any OpenCL device, \
        and reports how well it ranks the next item, or predicts clicks, churn, value or time.
        """)
      + ".Pp\n"
      + ManualText.lines(
        """
        Tables and documents go to standard output, progress and notes to standard error. With --format \
        json, standard output is one JSON document; with --log-format json, each line of standard error \
        is a JSON object.
        """)
  }

  private var commands: String {
    ".Sh COMMANDS\n" + displayed(root).map { command($0, after: "") }.joined()
  }

  /// The commands inside one, without the parser's own.
  private func displayed(_ command: CommandDescription) -> [CommandDescription] {
    (command.subcommands ?? []).filter { $0.shouldDisplay && $0.commandName != "help" }
  }

  private func command(_ command: CommandDescription, after parents: String) -> String {
    let name = parents + command.commandName
    let inner = displayed(command)
    let arguments = (command.arguments ?? []).filter {
      $0.shouldDisplay && !["help", "version"].contains($0.names?.last?.name)
    }
    var text = ".Ss \(name)\n"
    if inner.isEmpty { text += usage(of: name, arguments) }
    text += ManualText.lines(Self.sentence(command.abstract ?? "", default: nil))
    if let discussion = command.discussion {
      text += ".Pp\n" + ManualText.paragraphs(discussion)
    }
    let own = arguments.filter { $0.sectionTitle == nil }
    if !own.isEmpty {
      text += ".Bl -tag -width Ds\n" + own.map(item).joined() + ".El\n"
    }
    text += settingNames(arguments.filter { $0.sectionTitle != nil })
    return text + inner.map { self.command($0, after: name + " ") }.joined()
  }

  private func usage(of name: String, _ arguments: [CommandDescription.Argument]) -> String {
    let words = arguments.filter(\.isPositional).map { argument in
      let word = "Ar \(argument.valueName ?? "argument")" + (argument.isRepeating ? " ..." : "")
      return argument.isOptional ? "Op \(word)" : word
    }
    let hasOptions = arguments.contains { !$0.isPositional }
    let lines = ["Nm clseq \(name)"] + words + (hasOptions ? ["Op Ar option ..."] : [])
    return lines.map { ".\($0)\n" }.joined() + ".Pp\n"
  }

  /// Which settings a command takes, by name: all of them are described once.
  private func settingNames(_ arguments: [CommandDescription.Argument]) -> String {
    guard !arguments.isEmpty else { return "" }
    let names = arguments.compactMap { $0.names?.last?.name }
    guard names.count < Setting.all.count(where: \.isFlag) else {
      return ".Pp\nIt takes all of\n.Sx SETTINGS .\n"
    }
    let list = names.map { ".Fl -\($0)\(names.last == $0 ? " ." : " ,")\n" }
    return ".Pp\nOf\n.Sx SETTINGS\nit takes\n" + list.joined()
  }

  private func item(_ argument: CommandDescription.Argument) -> String {
    let letters = argument.names?.filter { $0.kind == "short" }.map(\.name) ?? []
    let flag = argument.names?.first { $0.kind == "long" }?.name
    return Self.item(
      flag: argument.isPositional ? nil : flag, letter: letters.first,
      valueName: argument.kind == "flag" ? nil : argument.valueName,
      help: Self.sentence(argument.abstract ?? "", default: argument.defaultValue)
        + (argument.discussion.map { " \($0)" } ?? ""))
  }

  /// A sentence with the default before its end.
  private static func sentence(_ text: String, default normal: String?) -> String {
    let text = text.last == "." ? String(text.dropLast()) : text
    guard let normal, !normal.isEmpty else { return text + "." }
    return "\(text) (default: \(normal))."
  }

  private static func item(
    flag: String?, letter: String?, valueName: String?, help: String
  ) -> String {
    // A long list of values would fill the line of the option.
    let choices = valueName.flatMap { $0.count > 30 ? $0.split(separator: "|") : nil } ?? []
    var words = [letter.map { "Fl \($0) ," }, flag.map { "Fl -\($0)" }].compactMap { $0 }
    if let valueName {
      words.append("Ar \(choices.count > 1 ? "choice" : ManualText.argument(valueName))")
    }
    let list = choices.count > 1 ? " One of \(choices.joined(separator: ", "))." : ""
    return ".It \(words.joined(separator: " "))\n" + ManualText.lines(help + list)
  }

  private var settings: String {
    let defaults = TrainingSettings()
    let items = Setting.all.filter(\.isFlag).map { setting in
      let normal = setting.text(in: defaults)
      return Self.item(
        flag: setting.flag, letter: setting.letter.map { "\($0)" }, valueName: setting.valueName,
        help: Self.sentence(setting.help, default: setting.valueName == nil ? nil : normal))
    }
    return ".Sh SETTINGS\n"
      + ManualText.lines(
        """
        Each is an option, a key of a YAML file in snake case (hidden_size) that --config names, and a \
        variable of the environment (CLSEQ_HIDDEN_SIZE). Options win over the environment, and that over \
        the file. `clseq config show` prints what holds, and where it comes from.
        """) + ".Bl -tag -width Ds\n" + items.joined() + ".El\n"
  }

  private var exitStatus: String {
    let items = ExitStatus.meanings.map { ".It \($0.code)\n" + ManualText.lines($0.meaning) }
    return ".Sh EXIT STATUS\n.Bl -tag -width Ds\n" + items.joined() + ".El\n"
  }
}
