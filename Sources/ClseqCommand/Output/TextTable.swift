import ClseqBase
import ClseqTraining

/// A table for people: columns aligned, by default names to the left and numbers to the right. Cells are
/// made printable.
package struct TextTable {
  package enum Alignment { case left, right }

  private let header: [String]
  private let alignment: [Alignment]
  private var rows: [[String]] = []

  /// - Parameter alignment: of each column; the first to the left and the others to the right
  ///   where nothing is said.
  package init(header: [String], alignment: [Alignment]? = nil) {
    self.header = header.map(\.printable)
    self.alignment =
      alignment ?? [.left] + Array(repeating: .right, count: max(0, header.count - 1))
  }

  /// Appends a row, which has a cell for each column.
  package mutating func append(_ row: [String]) {
    precondition(row.count == header.count, "TextTable: \(row.count) cells, not \(header.count)")
    rows.append(row.map(\.printable))
  }

  /// The lines of the table.
  package var text: String {
    let all = [header] + rows
    let widths = header.indices.map { column in all.map { $0[column].columnCount }.max() ?? 0 }
    let rule = widths.map { String(repeating: "-", count: $0) }
    return ([header, rule] + rows).map { row in
      let cells = zip(row, widths).enumerated().map { column, cell in
        let space = String(repeating: " ", count: cell.1 - cell.0.columnCount)
        return alignment[column] == .left ? cell.0 + space : space + cell.0
      }
      return cells.joined(separator: "  ").trimmingTrailingSpace + "\n"
    }.joined()
  }
}

extension String {
  fileprivate var trimmingTrailingSpace: String {
    String(self[..<(lastIndex { $0 != " " }.map(index(after:)) ?? startIndex)])
  }
}
