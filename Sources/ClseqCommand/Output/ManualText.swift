/// Text in mdoc, the markup of manual pages: BSD's `mdoc(7)`.
enum ManualText {
  /// Longest line of the source; what is wider is taken for an oversight by `mandoc -Tlint`.
  private static let width = 78

  /// A paragraph as lines of text: a sentence begins on a new line, which makes the space between
  /// sentences the reader's.
  static func lines(_ text: String) -> String {
    var result = ""
    var line = ""
    func end() {
      if !line.isEmpty { result += protected(line) + "\n" }
      line = ""
    }
    for word in text.split(whereSeparator: \.isWhitespace) {
      let word = escaped(String(word))
      if !line.isEmpty && byteCount(line) + byteCount(word) >= width { end() }
      line += (line.isEmpty ? "" : " ") + word
      if let last = word.last, ".?!".contains(last), word.count > 1 { end() }
    }
    end()
    return result
  }

  /// The paragraphs of a discussion.
  static func paragraphs(_ text: String) -> String {
    let parts = text.split(separator: "\n\n")
    return parts.map { lines(String($0)) }.joined(separator: ".Pp\n")
  }

  /// An argument of a macro: never a macro itself, and one argument whatever stands in it.
  static func argument(_ text: String) -> String {
    let text = escaped(text)
    let isShort = text.count <= 3
    return text.contains(" ") ? "\"\(text)\"" : isShort ? "\\&\(text)" : text
  }

  /// Bytes of a text as formatters read it, who put `\[u6807]` for what is not ASCII.
  private static func byteCount(_ text: String) -> Int {
    text.unicodeScalars.reduce(0) { $0 + ($1.isASCII ? 1 : 8) }
  }

  private static func escaped(_ text: String) -> String {
    text.replacing("\\", with: "\\e").replacing("\"", with: "\\(dq")
  }

  /// A line that begins like a macro is none.
  private static func protected(_ line: String) -> String {
    line.hasPrefix(".") || line.hasPrefix("'") ? "\\&" + line : line
  }
}
