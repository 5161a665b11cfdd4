/// How much goes into a batch.
public enum BatchSize: Sendable, Equatable {
  /// So many sequences, the last batch perhaps fewer.
  case sequences(Int)
  /// As many sequences as fit under a cap of events; a longer sequence is a batch of its own.
  case events(Int)

  /// Cuts consecutive sequences of these lengths into batches.
  public func partition(_ lengths: some RandomAccessCollection<Int>) -> [Range<Int>] {
    let most: Int
    switch self {
    case .sequences(let limit):
      return stride(from: 0, to: lengths.count, by: limit).map {
        $0..<Swift.min($0 + limit, lengths.count)
      }
    case .events(let limit): most = limit
    }
    var batches: [Range<Int>] = []
    var start = 0
    var events = 0
    for (position, length) in lengths.enumerated() {
      if events + length > most && position > start {
        batches.append(start..<position)
        start = position
        events = 0
      }
      events += length
    }
    if start < lengths.count { batches.append(start..<lengths.count) }
    return batches
  }
}
