import ClseqNN

/// The arrays of a golden file in `Tests/Fixtures`, by name.
public struct GoldenArrays {
  private let arrays: [String: (values: [Float], shape: [Int])]

  /// Reads a safetensors file whose arrays are all float32.
  public init(_ name: String) throws {
    let file = try ParameterFile(readingFrom: Fixture.path(name))
    var arrays: [String: (values: [Float], shape: [Int])] = [:]
    for entry in file.tensors {
      arrays[entry.name] = (try file.floats(entry.name, shape: entry.shape), entry.shape)
    }
    self.arrays = arrays
  }

  /// The values of an array that is there.
  public subscript(name: String) -> [Float] { array(name).values }

  /// The shape of an array that is there.
  public func shape(_ name: String) -> [Int] { array(name).shape }

  /// The values of an array of integers.
  public func integers(_ name: String) -> [Int32] { array(name).values.map { Int32($0) } }

  private func array(_ name: String) -> (values: [Float], shape: [Int]) {
    guard let found = arrays[name] else { preconditionFailure("no golden array '\(name)'") }
    return found
  }
}
