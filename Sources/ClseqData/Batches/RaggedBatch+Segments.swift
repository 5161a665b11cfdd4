/// Two segments of events behind a summary; the second may be of another user, and may have no event.
public struct SegmentPair: Sendable, Equatable {
  /// The index of the sequence in the dataset. It keys the random numbers of all events.
  let sequence: Int32
  /// The places of the first segment's events among those of the dataset; at least one.
  let first: Range<Int>
  /// Those of the second, not with the first event of a user.
  let second: Range<Int>

  /// - Parameters:
  ///   - sequence: The index of the sequence in the dataset.
  ///   - first: The places of the first segment's events among those of the dataset; at least one.
  ///   - second: Those of the second, which must not be the first event of a user.
  public init(sequence: Int32, first: Range<Int>, second: Range<Int> = 0..<0) {
    precondition(!first.isEmpty, "SegmentPair: nothing in the first segment")
    (self.sequence, self.first, self.second) = (sequence, first, second)
  }

  /// Events with the summary.
  var count: Int { 1 + first.count + second.count }
}

extension RaggedBatch {
  /// What a sequence with a summary consists of.
  public enum Segment: Sendable {
    /// The event in front of the others, which has no item: its state stands for the sequence.
    case summary
    /// An event of the first segment.
    case first
    /// An event of the second one.
    case second
  }

  /// A batch of segments, each pair behind a summary of which nothing is known: the summaries are its target rows.
  ///
  /// The events of both segments count as those of one sequence, at times from 0. A summary has time 0 too, so that
  /// the others have the times of a sequence without it, and the place of the first segment's last event.
  ///
  /// - Parameters:
  ///   - pairs: Put in order of length, longest first, equal ones as they come.
  ///   - dataset: The dataset.
  ///   - summary: The row of the summary.
  public init(_ pairs: [SegmentPair], of dataset: SequenceDataset, summary: Int32) {
    self.init()
    for number in pairs.indices.sorted(by: { (-pairs[$0].count, $0) < (-pairs[$1].count, $1) }) {
      let pair = pairs[number]
      targetRows.append(Int32(items.count))
      items += [summary] + dataset.items[pair.first] + dataset.items[pair.second]
      times += [0] + (0..<Int32(pair.count - 1))
      sequences += repeatElement(pair.sequence, count: pair.count)
      places += [pair.first.upperBound - 1] + Array(pair.first) + Array(pair.second)
      isHidden += [true] + repeatElement(false, count: pair.count - 1)
      segments += [.summary] + repeatElement(.first, count: pair.first.count)
      segments += repeatElement(.second, count: pair.second.count)
      offsets.append(Int32(items.count))
    }
    targets = [Int32](repeating: 0, count: items.count)
  }

  /// Sequences of two segments: the row of the summary, and whether the second segment is what followed the first.
  public var segmentPairs: [(summary: Int32, isNext: Bool)] {
    guard !segments.isEmpty else { return [] }
    return sequenceRows.compactMap { rows in
      // The first event of a user is in no second segment, so that another user's cannot stand right behind.
      rows.first { segments[$0] == .second }.map {
        (Int32(rows.lowerBound), places[$0] == places[$0 - 1] + 1)
      }
    }
  }

  /// The batch with a summary in front of every sequence in place of its target rows.
  ///
  /// - Parameters:
  ///   - summary: The row of the summary.
  ///   - dataset: The dataset.
  public func summarized(by summary: Int32, of dataset: SequenceDataset) -> RaggedBatch {
    RaggedBatch(
      stretches.map { SegmentPair(sequence: $0.sequence, first: $0.inputs) }, of: dataset,
      summary: summary)
  }

  /// The batch with its summaries among its target rows, though without a target.
  public func withSummaries() -> RaggedBatch {
    var batch = self
    let summaries = segments.indices.filter { segments[$0] == .summary }.map(Int32.init)
    batch.targetRows = Set(targetRows).union(summaries).sorted()
    return batch
  }

  /// Whether an event is a summary.
  package func isSummary(_ event: Int) -> Bool {
    !segments.isEmpty && segments[event] == .summary
  }

  /// Whether an event is of a second segment.
  func isSecond(_ event: Int) -> Bool { !segments.isEmpty && segments[event] == .second }

  /// [B] The events of each sequence that has any, in the dataset: of examples, not of segments or slices.
  package var stretches: [Example] {
    sequenceRows.filter { !$0.isEmpty }.map { rows in
      let first = places[rows.lowerBound]
      return Example(
        sequence: sequences[rows.lowerBound], inputs: first..<first + rows.count)
    }
  }
}
