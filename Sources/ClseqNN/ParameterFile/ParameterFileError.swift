/// Why a safetensors file was refused, or could not be read or written.
public struct ParameterFileError: Error, Equatable, CustomStringConvertible {
  /// What is wrong, with the tensor that it concerns, if any.
  public enum Reason: Equatable, Sendable {
    /// The operating system refused: what was attempted, and `errno`.
    case system(attempt: String, code: Int32)
    /// The file ends before the eight bytes of the header's length, or before the header does.
    case truncatedHeader
    /// The header's length is above the 100,000,000 bytes that the format allows.
    case headerTooLong(UInt64)
    /// The header is not UTF-8.
    case headerNotUTF8
    /// The header is not JSON: byte offset inside the header and what was expected there.
    case malformedHeader(offset: Int, expected: String)
    /// Two tensors have this name.
    case duplicateName(String)
    /// `__metadata__` is not a map from strings to strings.
    case malformedMetadata
    /// A tensor's entry lacks a field or has one of the wrong kind.
    case malformedTensor(name: String, expected: String)
    /// An element type that the format does not know.
    case unknownElementType(name: String, type: String)
    /// The element count or the byte count does not fit, or does not end on a whole byte.
    case sizeOverflow(name: String)
    /// The offsets do not span the bytes of the shape and element type.
    case sizeMismatch(name: String, expected: Int, found: Int)
    /// The tensor does not begin where the one before it ends: a hole or a shared range.
    case notContiguous(name: String, expected: Int, found: Int)
    /// The data is shorter or longer than the header says.
    case dataLength(expected: Int, found: Int)
    /// The file was cut short after it had been opened.
    case truncatedTensor(String)
    /// The values to be written do not have the element count of their shape.
    case elementCount(name: String, expected: Int, found: Int)
    /// An expected tensor is missing.
    case missingTensor(String)
    /// A tensor that was not expected.
    case unexpectedTensor(String)
    /// A tensor's shape is not the expected one.
    case unexpectedShape(name: String, expected: [Int], found: [Int])
    /// A tensor's element type is not the expected one.
    case unexpectedElementType(name: String, expected: ElementType, found: ElementType)
  }

  /// Path of the file.
  public let file: String
  /// What is wrong.
  public let reason: Reason

  /// An error about `file`.
  public init(file: String, reason: Reason) {
    self.file = file
    self.reason = reason
  }

  /// The file and what is wrong with it.
  public var description: String { "\(file): \(reason.text)" }
}

extension ParameterFileError.Reason {
  fileprivate var text: String {
    switch self {
    case .system(let attempt, let code): "cannot \(attempt): \(SystemCall.message(code))"
    case .truncatedHeader: "not a safetensors file: it ends before its header does"
    case .headerTooLong(let count): "not a safetensors file: a header of \(count) bytes"
    case .headerNotUTF8: "the header is not valid UTF-8"
    case .malformedHeader(let offset, let expected):
      "malformed header at byte \(offset): expected \(expected)"
    case .duplicateName(let name): "the name '\(name)' occurs twice in the header"
    case .malformedMetadata: "'__metadata__' must map strings to strings"
    case .malformedTensor(let name, let expected): "tensor '\(name)': expected \(expected)"
    case .unknownElementType(let name, let type):
      "tensor '\(name)': unknown element type '\(type)'"
    case .sizeOverflow(let name): "tensor '\(name)': its size is not a representable byte count"
    case .sizeMismatch(let name, let expected, let found):
      "tensor '\(name)': its shape takes \(expected) bytes, its offsets span \(found)"
    case .notContiguous(let name, let expected, let found):
      "tensor '\(name)' begins at byte \(found) of the data, expected \(expected)"
    case .dataLength(let expected, let found):
      "the header describes \(expected) bytes of data, the file has \(found)"
    case .truncatedTensor(let name): "the file was cut short inside tensor '\(name)'"
    case .elementCount(let name, let expected, let found):
      "tensor '\(name)': \(found) values for a shape of \(expected)"
    case .missingTensor(let name): "tensor '\(name)' is missing"
    case .unexpectedTensor(let name): "unexpected tensor '\(name)'"
    case .unexpectedShape(let name, let expected, let found):
      "tensor '\(name)' has shape \(found), expected \(expected)"
    case .unexpectedElementType(let name, let expected, let found):
      "tensor '\(name)' holds \(found.rawValue), expected \(expected.rawValue)"
    }
  }
}
