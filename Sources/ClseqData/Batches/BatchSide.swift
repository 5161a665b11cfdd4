/// One side of a batch for a model that reads the first part of each sequence and writes the rest: the events
/// that are read, or the start and those that are written.
public struct BatchSide: Sendable, Equatable {
  /// [S] The events by row of the batch, ascending.
  public private(set) var rows: [Int32] = []
  /// [S] Of a read event its distance from the last one, of a written one how many were written before it.
  public private(set) var times: [Int32] = []
  /// [B] How many of each sequence; perhaps none.
  public private(set) var lengths: [Int] = []

  /// [B + 1] Where each sequence starts, and last S.
  public var offsets: [Int32] {
    lengths.reduce(into: [0]) { $0.append($0[$0.count - 1] + Int32($1)) }
  }

  fileprivate mutating func append(_ rows: Range<Int32>, times: some Sequence<Int32>) {
    self.rows += rows
    self.times += times
    lengths.append(rows.count)
  }
}

extension RaggedBatch {
  /// Both sides of the batch, of as many sequences as it has. A sequence without a start, as a single event that
  /// goes on from others, is written.
  ///
  /// - Parameter start: The item that stands where writing starts, at most once in a sequence.
  public func sides(startingAt start: Int32) -> (read: BatchSide, written: BatchSide) {
    var (read, written) = (BatchSide(), BatchSide())
    for (first, end) in zip(offsets, offsets.dropFirst()) {
      let place = items[Int(first)..<Int(end)].firstIndex(of: start).map { Int32($0) } ?? first
      read.append(first..<place, times: (0..<place - first).reversed())
      let base = place - first
      written.append(place..<end, times: times[Int(place)..<Int(end)].map { $0 - base })
    }
    return (read, written)
  }
}
