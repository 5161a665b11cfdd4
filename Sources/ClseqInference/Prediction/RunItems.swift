import ClseqBase
package import ClseqData
import ClseqNN
package import ClseqRuns
import Foundation

/// What a run keeps of its items beside their names, because a model that is used must not depend on
/// what new data says of them: the numbers of `item_attributes`, and how often training held each.
package enum RunItems {
  private static let tensor = "item_attributes"

  /// Writes both files; numbers only where they are an input.
  ///
  /// - Throws: `ParameterFileError`, `FileError`.
  package static func write(_ inputs: EncodedInputs, _ split: Split, to run: RunDirectory) throws {
    try writeCounts(split, to: run)
    guard let width = inputs.encoding.items?.width, width > 0 else { return }
    let values = inputs.itemValues
    try ParameterFile.write(
      to: run.layout.itemInputsPath, tensors: [(tensor, [values.count / width, width])]
    ) { _ in values }
  }

  /// Writes how often training holds each item.
  ///
  /// - Throws: `FileError`.
  static func writeCounts(_ split: Split, to run: RunDirectory) throws {
    let counts = split.trainingCounts.dropFirst()
    try run.write(counts.map { "\($0)\n" }.joined(), to: run.layout.itemCountsPath)
  }

  /// The numbers of all rows of the item table, `[rowCount, width]`.
  ///
  /// - Throws: `ParameterFileError` where the file is missing or has another shape.
  static func inputs(of layout: RunLayout, rowCount: Int, width: Int) throws -> [Float] {
    let file = try ParameterFile(readingFrom: layout.itemInputsPath)
    return try file.floats(tensor, shape: [rowCount, width])
  }

  /// How often training held each item, that of item v at v - 1.
  ///
  /// - Throws: `FileError`, and `DataError.damaged` where the lines are not a count for each item.
  static func counts(of layout: RunLayout, itemCount: Int) throws -> [Int] {
    let path = layout.itemCountsPath
    let text = String(decoding: try DurableFiles.bytes(of: path), as: UTF8.self)
    let counts = text.split(separator: "\n").map { Int($0) ?? -1 }
    guard counts.count == itemCount, counts.allSatisfy({ $0 >= 0 }) else {
      throw DataError.damaged(
        path: path, reason: "it is no list of \(itemCount) counts, one for each item")
    }
    return counts
  }
}
