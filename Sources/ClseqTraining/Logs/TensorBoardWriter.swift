public import ClseqBase
public import Foundation

/// Writes what TensorBoard shows where it finds it: `events.out.tfevents.*` in a run directory.
///
/// A file is a row of records, each a length, the masked CRC32C of the length, a serialised
/// `tensorflow.Event` and the masked CRC32C of that, little-endian (tensorflow/core/lib/io,
/// `record_writer.cc`). A torn record hides all that follows it, so that every process opens a
/// file of its own and never appends to another's.
public final class TensorBoardWriter {
  private let file: AppendingFile

  /// Creates a new file of events in `directory`.
  ///
  /// - Parameters:
  ///   - directory: the folder of the event file.
  ///   - date: goes into the file's name, by which TensorBoard orders the files of a run.
  /// - Throws: `FileError`.
  public init(directory: String, date: Date) throws(FileError) {
    file = try Self.newFile(in: directory, second: Int(date.timeIntervalSince1970))
    var event = ProtobufMessage()
    event.append(1, date.timeIntervalSince1970)
    event.append(3, "brain.Event:2")
    try file.append(Self.record(event.bytes))
  }

  /// Appends the scalars of one step.
  ///
  /// - Throws: `FileError`.
  public func append(
    _ scalars: [(tag: String, value: Double)], step: Int, date: Date
  ) throws(FileError) {
    try append(scalars.map { SummaryValue.scalar($0.tag, $0.value) }, step: step, date: date)
  }

  /// Appends values of one step.
  ///
  /// - Throws: `FileError`.
  package func append(_ values: [SummaryValue], step: Int, date: Date) throws(FileError) {
    var summary = ProtobufMessage()
    for value in values { summary.append(1, value.message) }
    try append(step: step, date: date) { $0.append(5, summary) }
  }

  /// Marks a continued run: records of this step and later ones in older files are void.
  ///
  /// - Throws: `FileError`.
  package func restart(step: Int, date: Date) throws(FileError) {
    var session = ProtobufMessage()
    session.append(1, 1)
    try append(step: step, date: date) { $0.append(7, session) }
  }

  private func append(
    step: Int, date: Date, _ content: (inout ProtobufMessage) -> Void
  ) throws(FileError) {
    var event = ProtobufMessage()
    event.append(1, date.timeIntervalSince1970)
    event.append(2, step)
    content(&event)
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

  /// Rotated and shifted, so that the checksum of data with its own checksum is not a constant.
  private static func masked(_ checksum: UInt32) -> UInt32 {
    (checksum >> 15 | checksum << 17) &+ 0xA282_EAD8
  }

  private static func littleEndian(_ value: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
  }
}
