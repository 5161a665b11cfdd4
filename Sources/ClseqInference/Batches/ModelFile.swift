import ClseqNN
package import ClseqOps
import ClseqRuns
import Foundation

/// Parameters and the optimiser's moments in safetensors files.
package enum ModelFile {
  package static let parameters = Checkpoint.parametersName
  package static let optimizer = "optimizer.safetensors"

  /// What stands before the names of parameters in a file of both moments.
  package static let momentPrefixes = ["first_moment.", "second_moment."]

  /// One array of a file: its name, its shape, and which flat values it holds.
  package struct Entry {
    package var name: String
    package var shape: [Int]
    package var range: Range<Int>
  }

  /// Writes the values of parameters, which stand flat as in ``ParameterStore/values``.
  ///
  /// - Parameter trainedOnly: Whether frozen ones are left out, as beside adapters.
  package static func writeParameters(
    _ values: [Float], of store: ParameterStore, trainedOnly: Bool = false, to path: String
  ) throws {
    try write([("", values)], entries(of: store, trainedOnly: trainedOnly), to: path)
  }

  /// Writes both moments of the trained parameters.
  package static func writeMoments(_ store: ParameterStore, to path: String) throws {
    let first = try store.backend.read(store.firstMoments)
    let second = try store.backend.read(store.secondMoments)
    try write(
      Array(zip(momentPrefixes, [first, second])).map { (prefix: $0, values: $1) },
      entries(of: store, trainedOnly: true), to: path)
  }

  /// Replaces the values of all parameters, or of all but some.
  ///
  /// - Parameter others: Names of parameters that the file does not hold.
  /// - Throws: `ParameterFileError` when a name or a shape differs.
  package static func readParameters(
    into store: ParameterStore, except others: Set<String> = [], from path: String
  ) throws {
    try read(
      [("", store.values)], entries(of: store) { !others.contains($0.name) }, on: store.backend,
      from: path)
  }

  /// Replaces both moments of the trained parameters.
  ///
  /// - Throws: `ParameterFileError` when a name or a shape differs.
  package static func readMoments(into store: ParameterStore, from path: String) throws {
    let arrays = zip(momentPrefixes, [store.firstMoments, store.secondMoments])
    try read(
      arrays.map { (prefix: $0, target: $1) }, entries(of: store, trainedOnly: true),
      on: store.backend, from: path)
  }

  private static func write(
    _ arrays: [(prefix: String, values: [Float])], _ entries: [Entry], to path: String
  ) throws {
    var slices: [String: ArraySlice<Float>] = [:]
    var tensors: [(name: String, shape: [Int])] = []
    for (prefix, values) in arrays {
      for entry in entries {
        tensors.append((prefix + entry.name, entry.shape))
        slices[prefix + entry.name] = values[entry.range]
      }
    }
    try ParameterFile.write(to: path, metadata: ["format": "pt"], tensors: tensors) { name in
      Array(slices[name] ?? [])
    }
  }

  private static func read(
    _ arrays: [(prefix: String, target: FlatArray)], _ entries: [Entry], on backend: Backend,
    from path: String
  ) throws {
    let file = try ParameterFile(readingFrom: path)
    try file.requireExactly(
      arrays.flatMap { array in entries.map { (array.prefix + $0.name, $0.shape) } })
    for (prefix, target) in arrays {
      // What the file does not hold stays.
      var flat = try backend.read(target)
      for entry in entries {
        try flat.withUnsafeMutableBufferPointer { buffer throws(ParameterFileError) in
          try file.read(
            prefix + entry.name, shape: entry.shape,
            into: UnsafeMutableBufferPointer(rebasing: buffer[entry.range]))
        }
      }
      try backend.write(flat, to: target)
    }
  }

  /// The arrays of a file: a parameter of several parts gives one array a part, with the part's name
  /// before the last word of the parameter's.
  package static func entries(of store: ParameterStore, trainedOnly: Bool = false) -> [Entry] {
    entries(of: store) { !trainedOnly || $0.isTrained }
  }

  private static func entries(
    of store: ParameterStore, where isIncluded: (Parameter) -> Bool
  ) -> [Entry] {
    zip(store.parameters, store.offsets).flatMap {
      isIncluded($0) ? entries(of: $0, at: $1) : []
    }
  }

  /// The arrays of one parameter, which begins at an offset of the flat values.
  package static func entries(of parameter: Parameter, at offset: Int = 0) -> [Entry] {
    guard !parameter.parts.isEmpty, let dot = parameter.name.lastIndex(of: ".") else {
      return [
        Entry(
          name: parameter.name, shape: parameter.shape, range: offset..<offset + parameter.count)
      ]
    }
    let count = parameter.count / parameter.parts.count
    let shape = [parameter.shape[0] / parameter.parts.count] + parameter.shape.dropFirst()
    return parameter.parts.enumerated().map { index, part in
      let start = offset + index * count
      return Entry(
        name: "\(parameter.name[..<dot]).\(part)\(parameter.name[dot...])", shape: shape,
        range: start..<start + count)
    }
  }
}
