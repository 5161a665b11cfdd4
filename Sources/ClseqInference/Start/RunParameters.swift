import ClseqNN
import ClseqOps
import ClseqRuns
import ClseqSettings

/// The parameters of a run as those of a model without adapters: adapters are merged into the weights.
final class RunParameters {
  private let file: ParameterFile
  /// Of a run of adapters: all arrays, by name.
  private let merged: [String: LoadedModel.NamedArray]?

  /// - Throws: `ParameterFileError`; of a run of adapters as ``LoadedModel``.
  init(_ run: TrainedRun, _ checkpoint: Checkpoint) throws {
    file = try ParameterFile(readingFrom: checkpoint.file(ModelFile.parameters))
    merged =
      run.settings.hasAdapters
      ? Dictionary(
        uniqueKeysWithValues: try LoadedModel(withoutUsers: run, from: checkpoint).mergedArrays()
          .map { ($0.name, $0) }) : nil
  }

  /// The file, for messages.
  var path: String { file.path }

  /// The shape of an array; nil where there is none of this name.
  func shape(_ name: String) -> [Int]? {
    guard let merged else { return file.entry(name)?.shape }
    return merged[name]?.shape
  }

  /// The names of all arrays.
  var names: [String] {
    guard let merged else { return file.tensors.map(\.name) }
    return Array(merged.keys)
  }

  /// The values of an array that must be there.
  ///
  /// - Throws: `ParameterFileError`.
  func floats(_ name: String) throws(ParameterFileError) -> [Float] {
    guard let shape = shape(name) else {
      throw ParameterFileError(file: file.path, reason: .missingTensor(name))
    }
    return try floats(name, shape: shape)
  }

  /// The values of an array.
  ///
  /// - Throws: `ParameterFileError`.
  func floats(_ name: String, shape: [Int]) throws(ParameterFileError) -> [Float] {
    guard let merged else { return try file.floats(name, shape: shape) }
    guard let array = merged[name], array.shape == shape else {
      preconditionFailure("RunParameters: \(name) is no \(shape)")
    }
    return array.values
  }
}
