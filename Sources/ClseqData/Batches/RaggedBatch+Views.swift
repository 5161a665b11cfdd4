extension RaggedBatch {
  /// The batch cut into smaller ones, of consecutive sequences each.
  ///
  /// - Parameter limit: The maximum number of events of a part; a longer sequence is a part of its own.
  public func parts(ofAtMost limit: Int) -> [RaggedBatch] {
    if eventCount <= limit { return [self] }
    return BatchSize.events(limit).partition(lengths).map(part)
  }

  /// The batch with more sequences, which are empty, as many distinct items as it may hold, and so many
  /// target rows, if not all are: the maximum memory that a batch of these sizes may take.
  func filledUp(sequenceCount: Int, targetRowCount: Int?, itemCount: Int) -> RaggedBatch {
    var batch = self
    let empty = max(0, sequenceCount - self.sequenceCount)
    batch.offsets += [Int32](repeating: Int32(eventCount), count: empty)
    batch.items = (0..<eventCount).map { Int32($0 % itemCount) + 1 }
    batch.targets = batch.items
    if let targetRowCount {
      batch.targetRows = Array(0..<Int32(min(targetRowCount, eventCount - 1)))
    }
    return batch
  }

  /// The batch with other inputs in place of some events, which become its targets.
  ///
  /// - Parameters:
  ///   - items: [N] The input item of each event.
  ///   - rows: The events to predict, ascending.
  func predicting(_ rows: [Int32], from items: [Int32]) -> RaggedBatch {
    precondition(
      items.count == eventCount, "RaggedBatch: \(items.count) items of \(eventCount) events")
    var batch = self
    batch.items = items
    batch.targetRows = rows
    batch.targets = [Int32](repeating: 0, count: eventCount)
    if batch.isHidden.isEmpty { batch.isHidden = [Bool](repeating: false, count: eventCount) }
    for row in rows {
      batch.targets[Int(row)] = self.items[Int(row)]
      batch.isHidden[Int(row)] = true
    }
    return batch
  }

  /// Stretches of the sequences as sequences of their own, longest first; they may overlap.
  ///
  /// - Parameter stretches: The rows of each, inside one sequence.
  func stretches(_ stretches: [Range<Int>]) -> RaggedBatch {
    let order = stretches.indices.sorted {
      (-stretches[$0].count, $0) < (-stretches[$1].count, $1)
    }
    let isTarget = Set(targetRows)
    var batch = RaggedBatch()
    for rows in order.map({ stretches[$0] }) {
      let first = Int32(batch.eventCount)
      batch.items += items[rows]
      batch.targets += targets[rows]
      batch.times += 0..<Int32(rows.count)
      batch.sequences += sequences[rows]
      batch.places += places[rows]
      if !isHidden.isEmpty { batch.isHidden += isHidden[rows] }
      batch.targetRows += rows.lazy.map(Int32.init).filter(isTarget.contains).map {
        $0 - Int32(rows.lowerBound) + first
      }
      batch.offsets.append(Int32(batch.eventCount))
    }
    return batch
  }

  /// A sequence cut in two.
  struct CutSequence {
    /// Its number in the batch.
    let sequence: Int
    /// How many of its events are read.
    let readCount: Int
    /// How many after them are written; the others are left out.
    let writtenCount: Int

    var count: Int { readCount + writtenCount }
  }

  /// The sequences cut in two, longest first: the events that are read, then a start in place of the first that
  /// is to be written, and each of the others in place of the one after it.
  func writing(_ parts: [CutSequence], after start: Int32) -> RaggedBatch {
    var batch = RaggedBatch()
    for number in parts.indices.sorted(by: { (-parts[$0].count, $0) < (-parts[$1].count, $1) }) {
      let part = parts[number]
      let first = Int(offsets[part.sequence])
      let events = first..<first + part.count
      let cut = first + part.readCount
      batch.targetRows += (part.readCount..<part.count).map { Int32(batch.items.count + $0) }
      batch.items += items[first..<cut]
      if part.writtenCount > 0 { batch.items += [start] + items[cut..<events.upperBound - 1] }
      batch.targets += repeatElement(0, count: part.readCount)
      batch.targets += items[cut..<events.upperBound]
      batch.isHidden += events.map { $0 >= cut }
      batch.times += times[events]
      batch.sequences += sequences[events]
      // What is written stands at the place of the event whose item it has, the start at that of the last one read.
      batch.places += events.map { places[$0 < cut ? $0 : max(first, $0 - 1)] }
      batch.offsets.append(Int32(batch.items.count))
    }
    return batch
  }

  /// The batch with some events to be guessed: written ones that follow another.
  func guessing(_ isGuessed: (_ row: Int) -> Bool, startingAt start: Int32) -> RaggedBatch {
    var batch = self
    batch.isGuessed = items.indices.map { hides($0) && items[$0] != start && isGuessed($0) }
    return batch
  }

  /// The batch with the last event of every sequence among its target rows, though perhaps without a target.
  public func withLastEvents() -> RaggedBatch {
    var batch = self
    let ends = zip(offsets, offsets.dropFirst()).filter { $0 < $1 }.map { $1 - 1 }
    batch.targetRows = Set(targetRows).union(ends).sorted()
    return batch
  }

  private func part(_ sequences: Range<Int>) -> RaggedBatch {
    let first = offsets[sequences.lowerBound]
    let events = Int(first)..<Int(offsets[sequences.upperBound])
    var part = self
    part.items = Array(items[events])
    part.targets = Array(targets[events])
    part.offsets = offsets[sequences.lowerBound...sequences.upperBound].map { $0 - first }
    part.times = Array(times[events])
    part.sequences = Array(self.sequences[events])
    part.places = Array(places[events])
    part.isHidden = isHidden.isEmpty ? [] : Array(isHidden[events])
    part.isGuessed = isGuessed.isEmpty ? [] : Array(isGuessed[events])
    part.isForgotten = isForgotten.isEmpty ? [] : Array(isForgotten[events])
    part.segments = segments.isEmpty ? [] : Array(segments[events])
    part.targetRows = targetRows.filter { events.contains(Int($0)) }.map { $0 - first }
    return part
  }
}
