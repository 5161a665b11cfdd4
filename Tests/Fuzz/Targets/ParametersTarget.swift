@testable import ClseqNN

/// A safetensors file: the tensors of float32 that it holds can be read, and what is written of them
/// reads the same.
struct ParametersTarget: FuzzTarget {
  func run(_ input: [UInt8]) {
    WorkingFolder.write(input, to: "model.safetensors")
    guard let file = try? ParameterFile(readingFrom: "model.safetensors") else { return }
    let tensors = file.tensors.filter { $0.elementType == .float32 }
      .map { (name: $0.name, shape: $0.shape) }
    do {
      let bits = try Self.bits(of: tensors, in: file)
      try ParameterFile.write(to: "copy", metadata: file.metadata, tensors: tensors) { name in
        try file.floats(name, shape: tensors.first { $0.name == name }?.shape ?? [])
      }
      let copy = try ParameterFile(readingFrom: "copy")
      try copy.requireExactly(tensors)
      require(copy.metadata == file.metadata, "the copy has other metadata")
      require(try Self.bits(of: tensors, in: copy) == bits, "the copy has other values")
    } catch {
      require(false, "what is there cannot be read or written: \(error)")
    }
  }

  private static func bits(
    of tensors: [(name: String, shape: [Int])], in file: borrowing ParameterFile
  ) throws -> [[UInt32]] {
    var bits: [[UInt32]] = []
    for (name, shape) in tensors {
      bits.append(try file.floats(name, shape: shape).map(\.bitPattern))
    }
    return bits
  }
}
