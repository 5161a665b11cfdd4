import ClseqBase

/// A table as HTML: names in the first column, right-aligned numbers in the others.
struct HTMLTable {
  let header: [String]
  /// Whether all cells are text.
  var isText = false
  private(set) var rows: [[String]] = []

  init(header: [String], isText: Bool = false) {
    self.header = header
    self.isText = isText
  }

  /// Appends a row, which has one cell per column.
  mutating func append(_ row: [String]) {
    precondition(row.count == header.count, "HTMLTable: \(row.count) cells, not \(header.count)")
    rows.append(row)
  }

  /// The element, in a box that scrolls where the screen is narrow.
  var html: String {
    let heads = header.map { "<th scope=\"col\">\($0.markup)</th>" }.joined()
    let body = rows.map { row in
      let cells = row.dropFirst().map { "<td>\($0.markup)</td>" }.joined()
      return "<tr><th scope=\"row\">\(row[0].markup)</th>\(cells)</tr>\n"
    }
    return """
      <div class="scroll"><table\(isText ? " class=\"text\"" : "")>
      <thead><tr>\(heads)</tr></thead>
      <tbody>
      \(body.joined())</tbody></table></div>

      """
  }
}
