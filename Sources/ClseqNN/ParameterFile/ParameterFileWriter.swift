import ClseqBase

extension ParameterFile {
  /// Writes float32 tensors as a safetensors file, byte for byte as the reference implementation
  /// does: tensors by name (all have one element type), the header padded with spaces to a
  /// multiple of eight bytes.
  ///
  /// The file is written beside `path`, flushed to the disk and renamed into place, so that there
  /// is never an incomplete file under that name.
  ///
  /// - Parameters:
  ///   - path: the path of the file.
  ///   - metadata: written as `__metadata__`, keys in ascending order; left out if empty.
  ///   - tensors: names and shapes.
  ///   - values: returns the values of one tensor; called once per tensor in the order of the file,
  ///     so that no more than one tensor is in memory at a time.
  /// - Throws: ``ParameterFileError``, `FileError`, or errors of `values`.
  public static func write(
    to path: String, metadata: [String: String] = [:],
    tensors: [(name: String, shape: [Int])], values: (_ name: String) throws -> [Float]
  ) throws {
    func failure(_ reason: ParameterFileError.Reason) -> ParameterFileError {
      ParameterFileError(file: path, reason: reason)
    }
    let sorted = tensors.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    for (left, right) in zip(sorted, sorted.dropFirst()) where left.name == right.name {
      throw failure(.duplicateName(left.name))
    }
    let header = try header(metadata: metadata, tensors: sorted, path: path)

    let file = try WholeFile(path, whereTaken: .isReplaced)
    try file.append(header)
    for (name, shape) in sorted {
      let tensor = try values(name)
      let count = shape.reduce(1, *)
      guard tensor.count == count else {
        throw failure(.elementCount(name: name, expected: count, found: tensor.count))
      }
      try tensor.withUnsafeBytes { try file.append($0) }
    }
    try file.finish()
  }

  /// The length and the padded header of a file of float32 tensors, after which their values follow.
  ///
  /// - Parameters:
  ///   - metadata: As of ``write(to:metadata:tensors:values:)``.
  ///   - tensors: Names and shapes, in the order of the file.
  ///   - path: The path of the file, for messages.
  /// - Throws: ``ParameterFileError`` for a size that cannot be.
  package static func header(
    metadata: [String: String] = [:], tensors: [(name: String, shape: [Int])], path: String
  ) throws(ParameterFileError) -> [UInt8] {
    var members: [String] = []
    if !metadata.isEmpty {
      let pairs = metadata.sorted { $0.key < $1.key }.map {
        "\(JSONText.quoted($0)):\(JSONText.quoted($1))"
      }
      members.append(
        "\(JSONText.quoted(ParameterFileHeader.metadataKey)):{\(pairs.joined(separator: ","))}")
    }
    var offset = 0
    for (name, shape) in tensors {
      guard let byteCount = ElementType.float32.byteCount(shape: shape),
        case (let end, false) = offset.addingReportingOverflow(byteCount)
      else { throw ParameterFileError(file: path, reason: .sizeOverflow(name: name)) }
      let extents = shape.map(String.init).joined(separator: ",")
      members.append(
        "\(JSONText.quoted(name)):{\"dtype\":\"\(ElementType.float32.rawValue)\",\"shape\":[\(extents)],"
          + "\"data_offsets\":[\(offset),\(end)]}")
      offset = end
    }
    var text = Array("{\(members.joined(separator: ","))}".utf8)
    text.append(contentsOf: repeatElement(0x20, count: (8 - text.count % 8) % 8))
    guard text.count <= ParameterFileHeader.longest else {
      throw ParameterFileError(file: path, reason: .headerTooLong(UInt64(text.count)))
    }
    return withUnsafeBytes(of: UInt64(text.count).littleEndian) { Array($0) } + text
  }
}
