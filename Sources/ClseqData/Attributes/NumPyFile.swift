/// A matrix in NumPy's `.npy` format: `[rows, columns]` of float32 or float64, little-endian, row after
/// row.
///
/// Source: NumPy Enhancement Proposal 1, "A simple file format for NumPy arrays", versions 1 to 3.
public struct NumPyFile: Sendable {
  /// Number of rows.
  public let rowCount: Int
  /// Numbers of a row.
  public let width: Int
  /// The numbers, row after row.
  public let values: [Float]

  /// Reads a file.
  ///
  /// - Throws: `DataError.missingFile`, `.unreadable`, `.unsupported`.
  public init(path: String) throws(DataError) {
    let file = try MappedFile(path: path)
    var header = try NumPyHeader(file.bytes, path: path)
    let (rows, width) = try header.shape()
    let isDouble = try header.isDouble()
    let (count, overflows) = rows.multipliedReportingOverflow(by: width)
    let size = isDouble ? 8 : 4
    let (byteCount, overflowsBytes) = count.multipliedReportingOverflow(by: size)
    guard !overflows, !overflowsBytes, byteCount == file.bytes.count - header.byteCount else {
      throw .unsupported(
        path: path,
        reason: "an array of \(rows) by \(width) numbers of \(size) bytes in a file that has "
          + "\(file.bytes.count - header.byteCount) bytes for them")
    }
    rowCount = rows
    self.width = width
    let data = UnsafeRawBufferPointer(rebasing: file.bytes[header.byteCount...])
    values = (0..<count).map { index in
      isDouble
        ? Float(
          Double(
            bitPattern: UInt64(
              littleEndian: data.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self))))
        : Float(
          bitPattern: UInt32(
            littleEndian: data.loadUnaligned(fromByteOffset: index * 4, as: UInt32.self)))
    }
  }
}

extension NumPyFile {
  /// The header of a matrix of float32, little-endian, row after row, padded to a multiple of 64 bytes (version 1).
  public static func header(rowCount: Int, width: Int) -> [UInt8] {
    let text = "{'descr': '<f4', 'fortran_order': False, 'shape': (\(rowCount), \(width)), }"
    let before = NumPyHeader.magic + [1, 0]
    let padding = 63 - (before.count + 2 + text.utf8.count) % 64
    let body =
      Array(text.utf8) + repeatElement(UInt8(ascii: " "), count: padding) + [UInt8(ascii: "\n")]
    return before + [UInt8(body.count & 0xFF), UInt8(body.count >> 8)] + body
  }
}

/// The header of a `.npy` file: a Python dictionary of three keys as text.
private struct NumPyHeader {
  static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)
  private let path: String
  private let text: String
  /// Bytes before the data.
  let byteCount: Int

  init(_ bytes: UnsafeRawBufferPointer, path: String) throws(DataError) {
    self.path = path
    let wrong = DataError.unsupported(path: path, reason: "not a .npy file")
    guard bytes.count >= 10, bytes.prefix(6).elementsEqual(Self.magic), (1...3).contains(bytes[6])
    else { throw wrong }
    let prefix = bytes[6] == 1 ? 10 : 12
    guard bytes.count >= prefix else { throw wrong }
    let length = bytes[8..<prefix].reversed().reduce(0) { $0 << 8 | Int($1) }
    guard length <= bytes.count - prefix else { throw wrong }
    byteCount = prefix + length
    text = String(decoding: bytes[prefix..<byteCount], as: UTF8.self)
  }

  /// The text after a key.
  private func value(_ key: String) throws(DataError) -> Substring {
    guard let start = text.firstRange(of: "'\(key)':") else {
      throw .unsupported(path: path, reason: "a .npy file without '\(key)'")
    }
    return text[start.upperBound...].drop { $0 == " " }
  }

  mutating func shape() throws(DataError) -> (rows: Int, width: Int) {
    let lengths = try value("shape").dropFirst().prefix { $0 != ")" }
      .split(separator: ",").map { Int($0.filter { $0 != " " }) ?? -1 }
    guard try value("fortran_order").hasPrefix("False") else {
      throw .unsupported(path: path, reason: "an array in Fortran's order; save it in C's")
    }
    guard lengths.count == 2, lengths.allSatisfy({ $0 > 0 }) else {
      throw .unsupported(path: path, reason: "an array of the shape \(lengths), not of two axes")
    }
    return (lengths[0], lengths[1])
  }

  func isDouble() throws(DataError) -> Bool {
    let type = try value("descr").dropFirst().prefix { $0 != "'" }
    switch type {
    case "<f4": return false
    case "<f8": return true
    default: throw .unsupported(path: path, reason: "an array of '\(type)', not of <f4 or <f8")
    }
  }
}
