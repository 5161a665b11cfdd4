import ClseqBase

/// A JSON value that preserves what a safetensors header needs: the order of keys, and the text of
/// numbers. Repeated keys are refused, as the reference implementation of safetensors does.
enum HeaderJSON {
  case object([(key: String, value: HeaderJSON)])
  case array([HeaderJSON])
  case string(String)
  case number(String)
  case literal

  struct Failure: Error { let reason: ParameterFileError.Reason }

  /// Parses the whole of `bytes`, which are UTF-8; only white space may follow the value.
  init(parsing bytes: [UInt8]) throws(Failure) {
    guard bytes.first == UInt8(ascii: "{") else {
      throw Failure(reason: .malformedHeader(offset: 0, expected: "'{'"))
    }
    let result = bytes.withUnsafeBytes { bytes -> Result<HeaderJSON, Failure> in
      var scanner = JSONScanner(bytes, TextBuffer(byteCount: bytes.count))
      do {
        let value = try HeaderJSON(&scanner, depth: 1)
        try scanner.requireEnd()
        return .success(value)
      } catch let failure as Failure {
        return .failure(failure)
      } catch {
        let fault = error as? JSONScanner.Fault
        return .failure(
          Failure(
            reason: .malformedHeader(
              offset: fault?.offset ?? 0, expected: fault?.expected ?? "JSON")))
      }
    }
    self = try result.get()
  }

  private init(_ scanner: inout JSONScanner, depth: Int) throws {
    let first = scanner.peek()
    switch first {
    case UInt8(ascii: "{"), UInt8(ascii: "["):
      guard depth <= JSONScanner.maximumDepth else {
        throw scanner.fault("at most \(JSONScanner.maximumDepth) levels")
      }
      self =
        first == UInt8(ascii: "{")
        ? .object(try Self.members(&scanner, depth: depth))
        : .array(try Self.elements(&scanner, depth: depth))
    default:
      let text = String(
        decoding: try scanner.scalar() ?? .init(start: nil, count: 0), as: UTF8.self)
      switch first {
      case UInt8(ascii: "\""): self = .string(text)
      case UInt8(ascii: "t"), UInt8(ascii: "f"), UInt8(ascii: "n"): self = .literal
      default: self = .number(text)
      }
    }
  }

  private static func members(
    _ scanner: inout JSONScanner, depth: Int
  ) throws -> [(key: String, value: HeaderJSON)] {
    var members: [(key: String, value: HeaderJSON)] = []
    var keys: Set<String> = []
    try scanner.require(UInt8(ascii: "{"), "an object")
    if scanner.take(UInt8(ascii: "}")) { return members }
    repeat {
      let key = String(decoding: try scanner.string("a key in quotes"), as: UTF8.self)
      guard keys.insert(key).inserted else { throw Failure(reason: .duplicateName(key)) }
      try scanner.require(UInt8(ascii: ":"), "':'")
      members.append((key, try HeaderJSON(&scanner, depth: depth + 1)))
    } while scanner.take(UInt8(ascii: ","))
    try scanner.require(UInt8(ascii: "}"), "',' or '}'")
    return members
  }

  private static func elements(
    _ scanner: inout JSONScanner, depth: Int
  ) throws -> [HeaderJSON] {
    var elements: [HeaderJSON] = []
    try scanner.require(UInt8(ascii: "["), "an array")
    if scanner.take(UInt8(ascii: "]")) { return elements }
    repeat {
      elements.append(try HeaderJSON(&scanner, depth: depth + 1))
    } while scanner.take(UInt8(ascii: ","))
    try scanner.require(UInt8(ascii: "]"), "',' or ']'")
    return elements
  }
}

extension HeaderJSON {
  /// A non-negative whole number written without sign, fraction or exponent.
  var count: Int? {
    guard case .number(let text) = self else { return nil }
    return Int(text).flatMap { text.hasPrefix("-") ? nil : $0 }
  }

  var counts: [Int]? {
    guard case .array(let values) = self else { return nil }
    let counts = values.compactMap(\.count)
    return counts.count == values.count ? counts : nil
  }

  var text: String? {
    guard case .string(let text) = self else { return nil }
    return text
  }
}
