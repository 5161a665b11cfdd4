public import ClseqBase
public import ClseqData

extension ShopLog {
  /// How a log is written. The columns are user, item, event type and time, in seconds since 1970.
  public enum TextFormat: Sendable, Equatable, CaseIterable {
    /// RecBole's `.inter`.
    case inter
    /// CSV with the names `user_id,item_id,event_type,timestamp`.
    case csv
    /// CSV with Chinese names.
    case chineseCSV

    /// The first line.
    var header: String {
      switch self {
      case .inter: "user_id:token\titem_id:token\tevent_type:token\ttimestamp:float\n"
      case .csv: "user_id,item_id,event_type,timestamp\n"
      case .chineseCSV: "用户ID,商品ID,行为类型,时间戳\n"
      }
    }

    /// Between the fields.
    var separator: UInt8 { UInt8(ascii: self == .inter ? "\t" : ",") }
  }

  /// The log as a dataset, equal to that of the written and loaded file.
  ///
  /// - Parameter needs: The columns that events must have besides items and times.
  /// - Throws: `DataError.noUsersLeft` if no user has enough events.
  public func dataset(
    needs: EventNeeds = EventNeeds()
  ) throws(DataError) -> SequenceDataset {
    try SequenceDataset.load(
      ShopLogSource(self), options: ReadingOptions(format: .inter), needs: needs)
  }

  /// Writes the log, user after user. Memory does not grow with the number of events.
  ///
  /// - Throws: `FileError`.
  public func write(to path: String, as format: TextFormat = .inter) throws(FileError) {
    let writer = try WholeFile(path, whereTaken: .isReplaced)
    try write(as: format) { bytes throws(FileError) in try writer.append(bytes) }
    try writer.finish()
  }

  /// Hands the bytes that ``write(to:as:)`` writes to `sink`, some hundred thousand at a time.
  ///
  /// - Throws: The errors of `sink`.
  public func write<Failure: Error>(
    as format: TextFormat = .inter, into sink: (_ bytes: [UInt8]) throws(Failure) -> Void
  ) throws(Failure) {
    var pending = Array(format.header.utf8)
    for user in 0..<userCount {
      pending += ShopLogLines.text(of: events(of: user), user: user, separator: format.separator)
      if pending.count >= Self.chunkByteCount {
        try sink(pending)
        pending.removeAll(keepingCapacity: true)
      }
    }
    if !pending.isEmpty { try sink(pending) }
  }

  private static var chunkByteCount: Int { 1 << 18 }
}

/// The bytes of a shop's `.inter` file, made as they are read.
struct ShopLogSource: ByteSource {
  private let log: ShopLog
  private var nextUser = 0
  private var pending = ArraySlice(ShopLog.TextFormat.inter.header.utf8)

  init(_ log: ShopLog) {
    self.log = log
  }

  var path: String { "shop-\(log.userCount)x\(log.itemCount)-seed\(log.seed).inter" }

  mutating func fill(_ buffer: UnsafeMutableRawBufferPointer) throws(DataError) -> Int {
    if pending.isEmpty && nextUser < log.userCount {
      pending = ArraySlice(
        ShopLogLines.text(
          of: log.events(of: nextUser), user: nextUser,
          separator: ShopLog.TextFormat.inter.separator))
      nextUser += 1
    }
    let count = min(buffer.count, pending.count)
    buffer.copyBytes(from: pending.prefix(count))
    pending.removeFirst(count)
    return count
  }
}
