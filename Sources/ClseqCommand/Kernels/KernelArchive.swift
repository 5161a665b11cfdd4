import Clseq
import ClseqTraining
import Foundation

/// Files of a folder in one row of bytes with a checksum, so that what is damaged is known before
/// any of it is used.
///
/// The first eight bytes identify the format. They are followed by the files in the order of their
/// paths: lengths of path and content, 8 bytes each, the path, the content. The ``ContentHash`` of all
/// that, 8 bytes, ends it. Numbers are little-endian.
package struct KernelArchive {
  /// The content of each file by its path in the folder.
  package var files: [String: [UInt8]] = [:]

  private static let magic = Array("clseqpk2".utf8)

  /// An archive without files.
  package init() {}

  /// What ``bytes`` gives, or nil where the bytes are anything else.
  package init?(_ bytes: [UInt8]) {
    let end = bytes.count - 8
    guard end >= Self.magic.count, bytes.starts(with: Self.magic),
      bytes[end...].elementsEqual(Self.bytes(of: Self.hash(of: bytes[..<end])))
    else { return nil }
    var rest = bytes[Self.magic.count..<end]
    while !rest.isEmpty {
      guard rest.count >= 16 else { return nil }
      let lengths = (Self.number(rest.prefix(8)), Self.number(rest.dropFirst(8).prefix(8)))
      rest = rest.dropFirst(16)
      guard let pathCount = lengths.0, let count = lengths.1, pathCount <= rest.count,
        count <= rest.count - pathCount
      else { return nil }
      let path = String(decoding: rest.prefix(pathCount), as: UTF8.self)
      guard !path.hasPrefix("/"), !path.split(separator: "/").contains("..") else { return nil }
      files[path] = Array(rest.dropFirst(pathCount).prefix(count))
      rest = rest.dropFirst(pathCount + count)
    }
  }

  /// The archive as it stands in a file.
  package var bytes: [UInt8] {
    var bytes = Self.magic
    for (path, content) in files.sorted(by: { $0.key < $1.key }) {
      bytes += Self.bytes(of: UInt64(path.utf8.count)) + Self.bytes(of: UInt64(content.count))
      bytes += Array(path.utf8) + content
    }
    return bytes + Self.bytes(of: Self.hash(of: bytes[...]))
  }

  /// Bytes of all contents.
  package var byteCount: Int { files.values.reduce(0) { $0 + $1.count } }

  private static func bytes(of number: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: number.littleEndian) { Array($0) }
  }

  private static func hash(of bytes: ArraySlice<UInt8>) -> UInt64 {
    var hash = ContentHash()
    bytes.withUnsafeBytes { hash.update($0) }
    return hash.value
  }

  /// A number of up to eight bytes, nil where it is negative.
  private static func number(_ bytes: ArraySlice<UInt8>) -> Int? {
    Int(exactly: bytes.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
  }
}
