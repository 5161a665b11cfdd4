public import ClseqNN
public import ClseqOps

/// A ragged batch from arrays of items.
public struct TestBatch {
  private let sequences: [[Int32]]
  private let numbers: [Int32]

  /// - Parameter numbers: index of each sequence in the dataset; its index in the batch when
  ///   absent.
  public init(_ sequences: [[Int32]], numbers: [Int32]? = nil) {
    self.sequences = sequences
    self.numbers = numbers ?? sequences.indices.map(Int32.init)
  }

  /// The batch with inputs beside items: types and outcomes below `typeCount`, gaps below
  /// `gapCount` and `numberCount` numbers, each a function of sequence, time and item alone.
  public func make(
    on backend: Backend, typeCount: Int32, gapCount: Int32, numberCount: Int
  ) throws -> EventBatch {
    var batch = try make(on: backend)
    let events = zip(sequences, numbers).flatMap { sequence, number in
      sequence.enumerated().map { Int32($0.offset) * 7 + $0.element * 3 + number }
    }
    func codes(_ values: [Int32], _ count: Int32) throws -> EventCodes {
      EventCodes(
        codes: try backend.indices(values),
        rows: try backend.rowIndex(RowIndex(values, rowCount: Int(count))))
    }
    batch.inputs.types = try codes(events.map { $0 % typeCount }, typeCount)
    batch.inputs.knownOutcomes = try codes(events.map { ($0 + 1) % typeCount }, typeCount)
    batch.inputs.gaps = try codes(events.map { $0 % gapCount }, gapCount)
    batch.inputs.numbers = try backend.tensor(
      events.flatMap { event in
        (0..<numberCount).map { Float((Int(event) * 5 + $0 * 3) % 11) / 11 - 0.5 }
      }, [events.count, numberCount])
    return batch
  }

  /// The batch on a backend. For models that write, the first half of every sequence is read.
  public func make(on backend: Backend) throws -> EventBatch {
    var items: [Int32] = []
    var times: [Int32] = []
    var owners: [Int32] = []
    var offsets: [Int32] = [0]
    for (sequence, number) in zip(sequences, numbers) {
      items += sequence
      times += sequence.indices.map { Int32($0) }
      owners += sequence.map { _ in number }
      offsets.append(Int32(items.count))
    }
    let rowCount = Int(items.max() ?? 0) + 1
    var batch = EventBatch(
      events: EventIndices(
        items: try backend.indices(items), times: try backend.indices(times),
        sequences: try backend.indices(owners),
        itemRows: try backend.rowIndex(RowIndex(items, rowCount: rowCount)),
        timeRows: try backend.rowIndex(
          RowIndex(times, rowCount: sequences.map(\.count).max() ?? 0))),
      offsets: try backend.indices(offsets),
      lengths: sequences.map(\.count))
    batch.sides = EventSides(
      read: try side(on: backend) { count in
        (0..<count / 2, (0..<Int32(count / 2)).reversed())
      },
      written: try side(on: backend) { count in
        (count / 2..<count, Array(0..<Int32(count - count / 2)))
      })
    batch.written = try written(on: backend)
    return batch
  }

  /// How the sequences are written back, row 0 being the start.
  private func written(on backend: Backend) throws -> WrittenSequences {
    let inputs = sequences.flatMap { (sequence: [Int32]) -> [Int32] in
      sequence.isEmpty ? [] : [0] + sequence.dropLast()
    }
    let owners = sequences.enumerated().flatMap { number, sequence in
      sequence.map { _ in Int32(number) }
    }
    return WrittenSequences(
      inputs: EventCodes(
        codes: try backend.indices(inputs),
        rows: try backend.rowIndex(
          RowIndex(inputs, rowCount: Int(inputs.max() ?? 0) + 1))),
      owners: EventRows(
        try backend.indices(owners),
        index: try backend.rowIndex(RowIndex(owners, rowCount: sequences.count))),
      sequences: try backend.indices(numbers),
      units: try backend.indices((0...Int32(sequences.count)).map { $0 }))
  }

  /// How many events of a sequence have states of a model that writes.
  public static func writtenCount(_ sequence: [Int32]) -> Int {
    sequence.count - sequence.count / 2
  }

  /// - Parameter part: which events of a sequence of some length, and their positions.
  private func side(
    on backend: Backend, _ part: (_ count: Int) -> (events: Range<Int>, times: [Int32])
  ) throws -> EventSide {
    var (rows, times, owners, offsets): ([Int32], [Int32], [Int32], [Int32]) = ([], [], [], [0])
    var first = 0
    for (sequence, number) in zip(sequences, numbers) {
      let part = part(sequence.count)
      rows += part.events.map { Int32(first + $0) }
      times += part.times
      owners += part.events.map { _ in number }
      offsets.append(Int32(rows.count))
      first += sequence.count
    }
    let indices = try backend.indices(rows)
    return EventSide(
      EventRows(indices, index: try backend.rowIndex(RowIndex(rows, rowCount: first))),
      events: EventIndices(
        items: indices, times: try backend.indices(times), sequences: try backend.indices(owners),
        timeRows: try backend.rowIndex(
          RowIndex(times, rowCount: Int(times.max() ?? 0) + 1))),
      offsets: try backend.indices(offsets),
      lengths: zip(offsets, offsets.dropFirst()).map { Int($1 - $0) })
  }
}
