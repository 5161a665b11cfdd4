/// Text from logs, file names and arguments, made safe to show on terminals. ``markup`` does the same
/// for SVG and HTML, and `PredictionFormat` for CSV.
extension String {
  /// The text with everything that would act on a terminal, line feeds and tabs too, as `\n`, `\t` or
  /// `\x1b`: a cell of a table, an id.
  package var printable: String { escapingControls(keepingLines: false) }

  /// The same for text of several lines.
  package var printableLines: String { escapingControls(keepingLines: true) }

  /// The content of an element or an attribute of SVG and HTML. Scalars are looked at one by one: a
  /// mark that combines with a quote does not hide it.
  package var markup: String {
    printableLines.unicodeScalars.reduce(into: "") { result, scalar in
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      default: result.unicodeScalars.append(scalar)
      }
    }
  }

  private func escapingControls(keepingLines: Bool) -> String {
    guard unicodeScalars.contains(where: { $0.isUnprintable }) else { return self }
    return unicodeScalars.reduce(into: "") { result, scalar in
      switch scalar {
      case "\n": result += keepingLines ? "\n" : "\\n"
      case "\t": result += keepingLines ? "\t" : "\\t"
      case "\r": result += "\\r"
      case _ where scalar.isUnprintable: result += scalar.escaped
      default: result.unicodeScalars.append(scalar)
      }
    }
  }

  /// Columns of a terminal that the text takes: two for wide characters, as of Chinese, Japanese and
  /// Korean (Unicode Standard Annex 11, W and F), none for marks that combine.
  package var columnCount: Int { reduce(0) { $0 + $1.columnCount } }

  /// The longest prefix of at most this many columns.
  package func prefix(columns: Int) -> Substring {
    var room = columns
    return prefix { character in
      room -= character.columnCount
      return room >= 0
    }
  }

  /// The text made printable; an ellipsis ends it if it takes more than this many columns.
  package func cut(toColumns columns: Int) -> String {
    let text = printable
    return text.columnCount <= columns ? text : text.prefix(columns: columns - 1) + "…"
  }
}

extension Character {
  fileprivate var columnCount: Int {
    guard let scalar = unicodeScalars.first else { return 0 }
    if scalar.properties.generalCategory == .nonspacingMark { return 0 }
    let isEmoji =
      scalar.properties.isEmojiPresentation || unicodeScalars.contains { $0 == "\u{FE0F}" }
    return isEmoji || scalar.isWide ? 2 : 1
  }
}

extension Unicode.Scalar {
  /// Controls, marks that change the direction of text, line separators, and unassigned code points.
  fileprivate var isUnprintable: Bool {
    switch value {
    case 0..<0x20, 0x7F..<0xA0, 0x2028...0x2029, 0x202A...0x202E, 0x2066...0x2069, 0x200E...0x200F,
      0xFEFF, 0xFFFE...0xFFFF:
      true
    default: false
    }
  }

  /// `\x1b` or `\u202e`.
  fileprivate var escaped: String {
    let digits = String(value, radix: 16)
    let width = value < 0x100 ? 2 : 4
    return (width == 2 ? "\\x" : "\\u") + String(repeating: "0", count: width - digits.count)
      + digits
  }

  fileprivate var isWide: Bool {
    switch value {
    case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0xA4CF,
      0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF01...0xFF60,
      0xFFE0...0xFFE6, 0x20000...0x3FFFD:
      true
    default: false
    }
  }
}
