import ClseqData
import ClseqNN

extension TrainingSettings {
  /// The vectors of items that ``itemVectors`` names; nil where it names none.
  ///
  /// - Throws: `DataError`, `ParameterFileError`.
  func readItemVectors() throws -> ItemVectors? {
    if itemVectors.isEmpty { return nil }
    guard itemVectors.hasSuffix(".safetensors") else {
      let file = try NumPyFile(path: itemVectors)
      return try ItemVectors(file.values, width: file.width, path: itemVectors)
    }
    let file = try ParameterFile(readingFrom: itemVectors)
    guard file.tensors.count == 1, file.tensors[0].shape.count == 2 else {
      throw DataError.unfit(
        path: itemVectors, what: "\(file.tensors.count) arrays",
        expected: "one, of the shape [items, numbers]")
    }
    let entry = file.tensors[0]
    return try ItemVectors(
      file.floats(entry.name, shape: entry.shape), width: max(1, entry.shape[1]),
      path: itemVectors)
  }
}
