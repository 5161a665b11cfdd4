import ClseqData
import ClseqShop
import Testing

@Suite struct NextSequencesTests {
  private let split: Split
  private let examples: Examples
  private var dataset: SequenceDataset { split.dataset }
  private var summary: Int32 { Int32(dataset.vocabulary.rowCount) + 1 }

  init() throws {
    split = Split.leaveOneOut(
      try ShopLog(users: 300, items: 100, eventsPerUser: 3...40, seed: 11).dataset())
    examples = split.hiddenItemExamples(maximumLength: 30)
  }

  private func batch(_ users: Range<Int>) -> RaggedBatch {
    RaggedBatch(examples.filter { users.contains(Int($0.sequence)) }, of: dataset)
  }

  private func sequences(seed: UInt64 = 3) -> NextSequences {
    NextSequences(examples, of: dataset, summary: summary, seed: seed)
  }

  private func rows(_ batch: RaggedBatch) -> [Range<Int>] {
    zip(batch.offsets, batch.offsets.dropFirst()).map { Int($0)..<Int($1) }
  }

  /// Places of the two segments, by user.
  private func places(_ batch: RaggedBatch) -> [Int32: [[Int]]] {
    Dictionary(
      uniqueKeysWithValues: rows(batch).map { rows in
        (
          batch.sequences[rows.lowerBound],
          [RaggedBatch.Segment.first, .second].map { segment in
            rows.filter { batch.segments[$0] == segment }.map { batch.places[$0] }
          }
        )
      })
  }

  /// A summary of which nothing is known, the first events of the user, then others, as long as the sequence at most.
  @Test func segmentsFollowASummary() {
    let whole = batch(0..<300)
    let cut = sequences().segments(of: whole, epoch: 0)
    #expect(cut.lengths == cut.lengths.sorted(by: >))
    #expect(cut.sequenceCount == whole.sequenceCount)
    let lengths = Dictionary(
      uniqueKeysWithValues: rows(whole).map { (whole.sequences[$0.lowerBound], $0) })
    for rows in rows(cut) {
      let own = lengths[cut.sequences[rows.lowerBound]]!
      #expect(rows.count <= own.count + 1)
      #expect(rows.map { cut.isHidden[$0] } == rows.map { $0 == rows.lowerBound })
      #expect(rows.map { cut.items[$0] == summary } == rows.map { $0 == rows.lowerBound })
      #expect(rows.map { cut.times[$0] } == [0] + Array(0..<Int32(rows.count - 1)))
      #expect(Set(rows.map { cut.sequences[$0] }).count == 1)
      let first = rows.filter { cut.segments[$0] == .first }
      #expect(
        !first.isEmpty
          && first.map { cut.places[$0] } == Array(whole.places[own].prefix(first.count)))
      for event in rows.dropFirst() {
        #expect(cut.items[event] == dataset.items[cut.places[event]])
      }
    }
    #expect(cut.targetRows == rows(cut).map { Int32($0.lowerBound) })
    #expect(cut.targets.allSatisfy { $0 == 0 })
    let largest = sequences().largestSegments(of: whole)
    #expect(largest.eventCount == whole.eventCount + whole.sequenceCount)
    #expect(zip(largest.lengths, cut.lengths).allSatisfy { $0 >= $1 })
  }

  /// Half of the second segments are what followed; the others are another user's, without that user's first event.
  @Test func halfOfThemAreOfAnotherUser() throws {
    let cut = sequences().segments(of: batch(0..<300), epoch: 0)
    let pairs = cut.segmentPairs
    #expect(pairs.count == rows(cut).count { $0.count > 2 })
    let next = pairs.count { $0.isNext }
    #expect(abs(Double(next) / Double(pairs.count) - 0.5) < 0.1)
    var lengths: [Bool: [Int]] = [:]
    for pair in pairs {
      let rows = try #require(rows(cut).first { $0.lowerBound == Int(pair.summary) })
      let second = rows.filter { cut.segments[$0] == .second }.map { cut.places[$0] }
      #expect(second == Array(second[0]...second[second.count - 1]))
      let user = Int(cut.sequences[rows.lowerBound])
      let own = Int(dataset.offsets[user])..<Int(dataset.offsets[user + 1])
      #expect(second.allSatisfy(own.contains) == pair.isNext)
      if !pair.isNext {
        let other = try #require(dataset.offsets.lastIndex { Int($0) <= second[0] })
        #expect(second[0] > Int(dataset.offsets[other]))
        #expect(second.last! < Int(dataset.offsets[other + 1]))
        // Of the training part alone.
        #expect(split.training(of: other).indices.contains(second.last!))
      }
      lengths[pair.isNext, default: []].append(second.count)
    }
    // Lengths, whose deviation is about 8, tell nothing: their means differ by less than two standard errors.
    let means = lengths.mapValues { Double($0.reduce(0, +)) / Double($0.count) }
    let standardError = 8 * (4 / Double(pairs.count)).squareRoot()
    let difference = means[true]! - means[false]!
    #expect(abs(difference) < 2 * standardError)
  }

  /// Segments follow from the seed, the epoch and the user, not from the batch.
  @Test func theyDoNotDependOnTheBatch() {
    let all = places(sequences().segments(of: batch(0..<300), epoch: 1))
    let some = places(sequences().segments(of: batch(50..<60), epoch: 1))
    #expect(some.count == 10 && some.allSatisfy { all[$0.key] == $0.value })
    let later = places(sequences().segments(of: batch(0..<300), epoch: 2))
    #expect(later.count { all[$0.key] != $0.value } > 150)
    #expect(places(sequences(seed: 4).segments(of: batch(0..<300), epoch: 1)) != all)
  }

  /// Summaries are never masked, and are asked for beside the masked events, in parts of the batch too.
  @Test func segmentsAreMasked() {
    let cut = sequences().segments(of: batch(0..<50), epoch: 0)
    let masking = EventMasking(
      probability: 0.3, mask: summary - 1, itemCount: dataset.itemCount, seed: 1)
    let masked = masking.hidden(cut, epoch: 0).withSummaries()
    let summaries = rows(cut).map { Int32($0.lowerBound) }
    #expect(masked.targetRows == masked.targetRows.sorted())
    #expect(Set(masked.targetRows).isSuperset(of: summaries))
    for row in masked.targetRows.map(Int.init) {
      let isSummary = masked.segments[row] == .summary
      #expect(masked.items[row] == (isSummary ? summary : summary - 1))
      #expect(masked.targets[row] == (isSummary ? 0 : cut.items[row]))
      #expect(masked.isHidden[row])
    }
    // The events that are chosen are those of a sequence without a summary in front.
    for rows in rows(cut) {
      let count = rows.count { masked.items[$0] == summary - 1 }
      #expect(count == max(1, Int((0.3 * Double(rows.count - 1)).rounded())))
    }
    let parts = masked.parts(ofAtMost: 40)
    #expect(parts.count > 1 && parts.flatMap(\.segmentPairs).count == masked.segmentPairs.count)
    #expect(parts.reduce(0) { $0 + $1.targetRows.count } == masked.targetRows.count)
  }

  /// Users of one event have no second segment, and where nobody else has one it is always what followed.
  @Test func withoutOthersTheNextEventsStay() {
    let example = examples[7]
    let alone = Examples([example])
    let batch = RaggedBatch(Array(alone), of: dataset)
    let cut = NextSequences(alone, of: dataset, summary: summary, seed: 1)
    for epoch in 0..<10 {
      #expect(cut.segments(of: batch, epoch: epoch).segmentPairs.allSatisfy { $0.isNext })
    }
    let single = RaggedBatch(
      [Example(sequence: example.sequence, inputs: example.inputs.prefix(1))], of: dataset)
    let summarized = cut.segments(of: single, epoch: 0)
    #expect(summarized.segmentPairs.isEmpty && summarized.eventCount == 2)
  }

  /// A summary takes the place of a user's last event as the one that is asked for.
  @Test func summariesStandForTheirUsers() {
    let whole = batch(0..<50)
    let summarized = whole.summarized(by: summary, of: dataset)
    #expect(summarized.eventCount == whole.eventCount + whole.sequenceCount)
    #expect(summarized.targetRows == rows(summarized).map { Int32($0.lowerBound) })
    for (rows, own) in zip(rows(summarized), rows(whole)) {
      #expect(summarized.places[rows.lowerBound] == whole.places[own.upperBound - 1])
      #expect(Array(summarized.items[rows].dropFirst()) == Array(whole.items[own]))
      #expect(Array(summarized.times[rows].dropFirst()) == Array(whole.times[own]))
    }
  }
}
