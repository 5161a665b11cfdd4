public import Foundation

/// Writes scalars where TensorBoard finds them: `events.out.tfevents.*` in a run directory.
///
/// A file is a row of records, each a length, the masked CRC32C of the length, a serialised
/// `tensorflow.Event` and the masked CRC32C of that, little-endian (tensorflow/core/lib/io,
/// `record_writer.cc`). A torn record hides all that follows it, so that every process opens a
/// file of its own and never appends to another's.
public final class TensorBoardWriter {
  private let file: AppendingFile

  /// Creates a new file of events in `directory`.
  ///
  /// - Parameter date: goes into the file's name, by which TensorBoard orders the files of a run.
  /// - Throws: ``FileError``.
  public init(directory: String, date: Date) throws(FileError) {
    file = try Self.newFile(in: directory, second: Int(date.timeIntervalSince1970))
    var event = ProtobufMessage()
    event.append(1, date.timeIntervalSince1970)
    event.append(3, "brain.Event:2")
    try file.append(Self.record(event.bytes))
  }

  /// Appends the values of one step.
  ///
  /// - Throws: ``FileError``.
  public func append(
    _ scalars: [(tag: String, value: Double)], step: Int, date: Date
  ) throws(FileError) {
    var summary = ProtobufMessage()
    for (tag, value) in scalars {
      var entry = ProtobufMessage()
      entry.append(1, tag)
      entry.append(2, Float(value))
      summary.append(1, entry)
    }
    var event = ProtobufMessage()
    event.append(1, date.timeIntervalSince1970)
    event.append(2, step)
    event.append(5, summary)
    try file.append(Self.record(event.bytes))
  }

  /// Names are numbered where one second sees several files.
  private static func newFile(
    in directory: String, second: Int
  ) throws(FileError) -> AppendingFile {
    let stem = "\(directory)/events.out.tfevents.\(second).clseq"
    var number = 0
    while true {
      let path = "\(stem).\(number)"
      if !FileManager.default.fileExists(atPath: path) {
        return try AppendingFile(creating: path)
      }
      number += 1
    }
  }

  static func record(_ data: [UInt8]) -> [UInt8] {
    let length = littleEndian(UInt64(data.count))
    return length + littleEndian(masked(CRC32C.checksum(length))) + data
      + littleEndian(masked(CRC32C.checksum(data)))
  }

  /// Checksums are rotated and shifted, lest the check of data that holds its check be constant.
  private static func masked(_ checksum: UInt32) -> UInt32 {
    (checksum >> 15 | checksum << 17) &+ 0xA282_EAD8
  }

  private static func littleEndian(_ value: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
  }
}

/// The wire format of Protocol Buffers, as much of it as events need.
struct ProtobufMessage {
  private(set) var bytes: [UInt8] = []

  private enum WireType: UInt64 {
    case varint = 0
    case fixed64 = 1
    case delimited = 2
    case fixed32 = 5
  }

  mutating func append(_ field: UInt64, _ value: Double) {
    appendKey(field, .fixed64)
    withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
  }

  mutating func append(_ field: UInt64, _ value: Float) {
    appendKey(field, .fixed32)
    withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
  }

  /// An `int64`; negative numbers take ten bytes.
  mutating func append(_ field: UInt64, _ value: Int) {
    appendKey(field, .varint)
    appendVarint(UInt64(bitPattern: Int64(value)))
  }

  mutating func append(_ field: UInt64, _ text: String) {
    appendDelimited(field, Array(text.utf8))
  }

  mutating func append(_ field: UInt64, _ message: ProtobufMessage) {
    appendDelimited(field, message.bytes)
  }

  private mutating func appendDelimited(_ field: UInt64, _ content: [UInt8]) {
    appendKey(field, .delimited)
    appendVarint(UInt64(content.count))
    bytes.append(contentsOf: content)
  }

  private mutating func appendKey(_ field: UInt64, _ type: WireType) {
    appendVarint(field << 3 | type.rawValue)
  }

  /// Seven bits a byte, lowest first; all but the last have the high bit set.
  private mutating func appendVarint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }
}
