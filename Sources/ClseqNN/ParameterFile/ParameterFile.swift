import Foundation

/// A safetensors file opened for reading.
///
/// The header is read and checked when the file is opened; a tensor's data is read on demand,
/// directly into the caller's memory. Reading is stricter than the reference implementation
/// (huggingface/safetensors): a repeated name or a space before the header is refused too.
///
/// The format has no checksum. Where damaged values must be detected, store one beside the file.
public struct ParameterFile: ~Copyable {
  /// The path that was opened.
  public let path: String
  /// The file's `__metadata__`; empty if it has none.
  public let metadata: [String: String]
  /// In the order of their data in the file.
  public let tensors: [TensorEntry]

  private let descriptor: Int32
  private let dataStart: Int
  private let indices: [String: Int]

  /// Opens a file, reads its header and checks it against the file's size.
  public init(readingFrom path: String) throws(ParameterFileError) {
    func system(_ attempt: String) -> ParameterFileError {
      ParameterFileError(file: path, reason: .system(attempt: attempt, code: errno))
    }
    let descriptor = SystemCall.retrying { open(path, O_RDONLY | O_CLOEXEC) }
    guard descriptor >= 0 else { throw system("open it") }
    do {
      let (header, dataStart) = try Self.header(of: descriptor, path: path)
      self.path = path
      self.metadata = header.metadata
      self.tensors = header.tensors
      self.descriptor = descriptor
      self.dataStart = dataStart
      self.indices = Dictionary(
        uniqueKeysWithValues: header.tensors.enumerated().map { ($1.name, $0) })
    } catch {
      close(descriptor)
      throw error
    }
  }

  deinit { close(descriptor) }

  private static func header(
    of descriptor: Int32, path: String
  ) throws(ParameterFileError) -> (ParameterFileHeader, dataStart: Int) {
    func failure(_ reason: ParameterFileError.Reason) -> ParameterFileError {
      ParameterFileError(file: path, reason: reason)
    }
    func read(_ count: Int, at offset: Int) throws(ParameterFileError) -> [UInt8] {
      var bytes = [UInt8](repeating: 0, count: count)
      switch bytes.withUnsafeMutableBytes({
        SystemCall.readFully(descriptor, into: $0, at: offset)
      }) {
      case true?: return bytes
      case false?: throw failure(.truncatedHeader)
      case nil: throw failure(.system(attempt: "read it", code: errno))
      }
    }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      throw failure(.system(attempt: "examine it", code: errno))
    }
    let size = Int(status.st_size)
    guard size >= 8 else { throw failure(.truncatedHeader) }
    let length = try read(8, at: 0).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= ParameterFileHeader.longest else { throw failure(.headerTooLong(length)) }
    let dataStart = 8 + Int(length)
    guard dataStart <= size else { throw failure(.truncatedHeader) }
    let bytes = try read(Int(length), at: 8)
    do {
      return (try ParameterFileHeader(parsing: bytes, dataLength: size - dataStart), dataStart)
    } catch {
      throw failure(error.reason)
    }
  }

  /// The entry of a tensor, or nil if the file has none of this name.
  public func entry(_ name: String) -> TensorEntry? {
    indices[name].map { tensors[$0] }
  }

  /// Checks that the file holds exactly the named tensors, float32, in these shapes.
  ///
  /// - Throws: the first missing, differing or surplus tensor.
  public func requireExactly(
    _ expected: [(name: String, shape: [Int])]
  ) throws(ParameterFileError) {
    for (name, shape) in expected { _ = try require(name, shape: shape) }
    let names = Set(expected.map(\.name))
    if let surplus = tensors.first(where: { !names.contains($0.name) }) {
      throw ParameterFileError(file: path, reason: .unexpectedTensor(surplus.name))
    }
  }

  /// Reads a float32 tensor into `destination`, which has the element count of `shape`.
  public func read(
    _ name: String, shape: [Int], into destination: UnsafeMutableBufferPointer<Float>
  ) throws(ParameterFileError) {
    let entry = try require(name, shape: shape)
    let bytes = UnsafeMutableRawBufferPointer(destination)
    precondition(
      bytes.count == entry.range.count,
      "ParameterFile.read: '\(name)' of shape \(shape) into \(destination.count) floats")
    switch SystemCall.readFully(descriptor, into: bytes, at: dataStart + entry.range.lowerBound) {
    case true?: return
    case false?:
      throw ParameterFileError(file: path, reason: .truncatedTensor(name))
    case nil:
      throw ParameterFileError(file: path, reason: .system(attempt: "read it", code: errno))
    }
  }

  /// Reads a float32 tensor.
  public func floats(_ name: String, shape: [Int]) throws(ParameterFileError) -> [Float] {
    _ = try require(name, shape: shape)
    var values = [Float](repeating: 0, count: shape.reduce(1, *))
    let result = values.withUnsafeMutableBufferPointer { buffer in
      Result { () throws(ParameterFileError) in try read(name, shape: shape, into: buffer) }
    }
    try result.get()
    return values
  }

  private func require(
    _ name: String, shape: [Int]
  ) throws(ParameterFileError) -> TensorEntry {
    func failure(_ reason: ParameterFileError.Reason) -> ParameterFileError {
      ParameterFileError(file: path, reason: reason)
    }
    guard let entry = entry(name) else { throw failure(.missingTensor(name)) }
    guard entry.elementType == .float32 else {
      throw failure(
        .unexpectedElementType(name: name, expected: .float32, found: entry.elementType))
    }
    guard entry.shape == shape else {
      throw failure(.unexpectedShape(name: name, expected: shape, found: entry.shape))
    }
    return entry
  }
}
