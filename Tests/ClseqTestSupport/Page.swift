import Foundation

/// A page of the documentation, whose examples the tests run.
public struct Page: Sendable {
  /// Its path below the root of the repository.
  public let name: String
  /// The whole page.
  public let text: String

  /// Reads a page such as `docs/data.md`.
  public init(_ name: String) throws {
    self.name = name
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    text = try String(contentsOf: root.appending(path: name), encoding: .utf8)
  }

  /// Its lines without prompts and comments, one that ends in a backslash joined with the next.
  public var commands: [String] {
    text.replacing(#/\\\n +/#, with: "").split(separator: "\n").map { line in
      let command = line.hasPrefix("$ ") ? line.dropFirst(2) : line
      let end = command.firstRange(of: " #")?.lowerBound ?? command.endIndex
      return String(command[..<end].replacing(#/ +$/#, with: ""))
    }
  }
}
