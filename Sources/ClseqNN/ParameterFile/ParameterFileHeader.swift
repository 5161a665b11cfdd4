/// The entry of one tensor in the header of a safetensors file.
public struct TensorEntry: Equatable, Sendable {
  /// Unique in its file.
  public let name: String
  /// The type of its values.
  public let elementType: ElementType
  /// Extents, outermost first; empty for a scalar.
  public let shape: [Int]
  /// Bytes of the tensor, counted from the end of the header.
  public let range: Range<Int>
}

/// The parsed and checked header of a safetensors file.
struct ParameterFileHeader {
  typealias Reason = ParameterFileError.Reason
  struct Failure: Error { let reason: Reason }

  static let longest = 100_000_000
  static let metadataKey = "__metadata__"

  let metadata: [String: String]
  /// In the order of their data.
  let tensors: [TensorEntry]

  /// - Parameters:
  ///   - bytes: the header without its length.
  ///   - dataLength: bytes of the file after the header.
  init(parsing bytes: [UInt8], dataLength: Int) throws(Failure) {
    guard String(validating: bytes, as: UTF8.self) != nil else {
      throw Failure(reason: .headerNotUTF8)
    }
    let root: HeaderJSON
    do { root = try HeaderJSON(parsing: bytes) } catch { throw Failure(reason: error.reason) }
    guard case .object(let members) = root else {
      throw Failure(reason: .malformedHeader(offset: 0, expected: "an object"))
    }
    var metadata: [String: String] = [:]
    var tensors: [TensorEntry] = []
    for (key, value) in members {
      if key == Self.metadataKey {
        metadata = try Self.metadata(value)
      } else {
        tensors.append(try Self.tensor(name: key, value))
      }
    }
    tensors.sort {
      ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
    }
    try Self.checkCover(tensors, dataLength: dataLength)
    self.metadata = metadata
    self.tensors = tensors
  }

  private static func metadata(_ value: HeaderJSON) throws(Failure) -> [String: String] {
    guard case .object(let members) = value else { throw Failure(reason: .malformedMetadata) }
    var metadata: [String: String] = [:]
    for (key, value) in members {
      guard let text = value.text else { throw Failure(reason: .malformedMetadata) }
      metadata[key] = text
    }
    return metadata
  }

  private static func tensor(name: String, _ value: HeaderJSON) throws(Failure) -> TensorEntry {
    func malformed(_ expected: String) -> Failure {
      Failure(reason: .malformedTensor(name: name, expected: expected))
    }
    guard case .object(let members) = value else { throw malformed("an object") }
    let fields = Dictionary(uniqueKeysWithValues: members.map { ($0.key, $0.value) })
    guard let typeName = fields["dtype"]?.text else { throw malformed("'dtype', a string") }
    guard let type = ElementType(rawValue: typeName) else {
      throw Failure(reason: .unknownElementType(name: name, type: typeName))
    }
    guard let shape = fields["shape"]?.counts else {
      throw malformed("'shape', an array of non-negative integers")
    }
    guard let offsets = fields["data_offsets"]?.counts, offsets.count == 2,
      offsets[0] <= offsets[1]
    else { throw malformed("'data_offsets', two integers in ascending order") }
    guard let byteCount = type.byteCount(shape: shape) else {
      throw Failure(reason: .sizeOverflow(name: name))
    }
    let found = offsets[1] - offsets[0]
    guard byteCount == found else {
      throw Failure(reason: .sizeMismatch(name: name, expected: byteCount, found: found))
    }
    return TensorEntry(
      name: name, elementType: type, shape: shape, range: offsets[0]..<offsets[1])
  }

  /// Every byte of the data belongs to exactly one tensor.
  private static func checkCover(_ tensors: [TensorEntry], dataLength: Int) throws(Failure) {
    var end = 0
    for tensor in tensors {
      guard tensor.range.lowerBound == end else {
        throw Failure(
          reason: .notContiguous(
            name: tensor.name, expected: end, found: tensor.range.lowerBound))
      }
      end = tensor.range.upperBound
    }
    guard end == dataLength else {
      throw Failure(reason: .dataLength(expected: end, found: dataLength))
    }
  }
}
