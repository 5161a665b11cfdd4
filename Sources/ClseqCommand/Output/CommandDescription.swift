import Foundation

/// A command as the argument parser describes it: the part of `--experimental-dump-help` that the
/// manual needs.
struct CommandDescription: Decodable {
  /// An argument, an option or a flag.
  struct Argument: Decodable {
    struct Name: Decodable {
      let kind: String
      let name: String
    }

    let kind: String
    let shouldDisplay: Bool
    let isOptional: Bool
    let isRepeating: Bool
    let names: [Name]?
    let valueName: String?
    let defaultValue: String?
    let abstract: String?
    let discussion: String?
    let sectionTitle: String?

    /// Whether it has no name, and stands by its place.
    var isPositional: Bool { kind == "positional" }
  }

  let commandName: String
  let shouldDisplay: Bool
  let abstract: String?
  let discussion: String?
  let arguments: [Argument]?
  let subcommands: [CommandDescription]?

  /// - Parameter dump: JSON, as the parser gives it for the whole program.
  init(dump: String) throws {
    struct Document: Decodable { let command: CommandDescription }
    self = try JSONDecoder().decode(Document.self, from: Data(dump.utf8)).command
  }
}
