import ClseqBase

/// A table as HTML: the first column names, the others numbers to the right.
struct HTMLTable {
  let header: [String]
  /// Whether only names stand in it.
  var isText = false
  private(set) var rows: [[String]] = []

  init(header: [String], isText: Bool = false) {
    self.header = header
    self.isText = isText
  }

  /// Appends a row, which has a cell for each column.
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
