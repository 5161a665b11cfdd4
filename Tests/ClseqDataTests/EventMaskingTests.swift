import ClseqData
import ClseqShop
import Testing

@Suite struct EventMaskingTests {
  private let split: Split
  private var dataset: SequenceDataset { split.dataset }
  private var mask: Int32 { Int32(dataset.vocabulary.rowCount) }

  init() throws {
    split = Split.leaveOneOut(
      try ShopLog(users: 400, items: 100, eventsPerUser: 3...40, seed: 11).dataset())
  }

  private func batch(_ users: Range<Int>, length: Int = 30) -> RaggedBatch {
    RaggedBatch(
      split.hiddenItemExamples(maximumLength: length).filter { users.contains(Int($0.sequence)) },
      of: dataset)
  }

  private func masking(
    _ probability: Double, random: Double = 0, kept: Double = 0, span: Double = 1,
    last: Double = 0, seed: UInt64 = 1
  ) -> EventMasking {
    EventMasking(
      probability: probability, random: random, kept: kept, meanSpan: span, lastShare: last,
      mask: mask, itemCount: dataset.itemCount, seed: seed)
  }

  /// The targets of each sequence, by its number.
  private func targets(_ batch: RaggedBatch) -> [Int32: [Int32]] {
    var found: [Int32: [Int32]] = [:]
    for row in batch.targetRows {
      found[batch.sequences[Int(row)], default: []].append(batch.times[Int(row)])
    }
    return found
  }

  @Test func examplesAreWholeTrainingParts() {
    for example in split.hiddenItemExamples(maximumLength: 9) {
      let training = split.training(of: Int(example.sequence))
      #expect(Array(dataset.items[example.inputs]) == Array(training.suffix(10)))
    }
  }

  /// A share of every sequence, at least one event; its item becomes the target.
  @Test(arguments: [0.0, 0.15, 0.5, 1])
  func aShareOfEverySequenceIsHidden(_ probability: Double) {
    let batch = batch(0..<400)
    let masked = masking(probability).hidden(batch, epoch: 0)
    let chosen = targets(masked)
    for (sequence, length) in zip(batch.offsets, batch.lengths) {
      let count = chosen[batch.sequences[Int(sequence)]]?.count
      #expect(count == max(1, Int((probability * Double(length)).rounded())))
    }
    let rows = Set(masked.targetRows)
    for event in 0..<batch.eventCount {
      let isTarget = rows.contains(Int32(event))
      #expect(masked.items[event] == (isTarget ? mask : batch.items[event]))
      #expect(masked.targets[event] == (isTarget ? batch.items[event] : 0))
      #expect(masked.isHidden[event] == isTarget)
    }
    #expect(masked.places == batch.places && masked.times == batch.times)
    #expect(masking(probability).mostHidden(batch).targetRows.count >= masked.targetRows.count)
  }

  /// Of the hidden events some show a random item, some their own.
  @Test func someShowAnItem() {
    let batch = batch(0..<400)
    let masked = masking(0.5, random: 0.3, kept: 0.2).hidden(batch, epoch: 0)
    let rows = masked.targetRows.map(Int.init)
    let shares = [
      Double(rows.count { masked.items[$0] == mask }),
      Double(rows.count { masked.items[$0] == batch.items[$0] }),
    ].map { $0 / Double(rows.count) }
    #expect(abs(shares[0] - 0.5) < 0.03)
    // One in a hundred random items is the event's own.
    #expect(abs(shares[1] - 0.2 - 0.3 / 100) < 0.03)
    #expect(rows.allSatisfy { (1...mask).contains(masked.items[$0]) })
  }

  @Test func stretchesAreMaskedTogether() {
    let batch = batch(0..<400)
    func neighbours(_ span: Double) -> Double {
      let chosen = targets(masking(0.3, span: span).hidden(batch, epoch: 0)).values
      let pairs = chosen.reduce(0) { $0 + zip($1, $1.dropFirst()).count { $1 == $0 + 1 } }
      return Double(pairs) / Double(chosen.reduce(0) { $0 + $1.count })
    }
    #expect(neighbours(1) < 0.35)
    #expect(neighbours(4) > 0.55)
  }

  @Test func someSequencesHideTheirLastEventAlone() {
    let batch = batch(0..<400)
    let chosen = targets(masking(0.5, last: 0.25).hidden(batch, epoch: 0))
    let lengths = Dictionary(
      uniqueKeysWithValues: zip(batch.offsets, batch.lengths).map { (batch.sequences[Int($0)], $1) }
    )
    let long = chosen.filter { lengths[$0.key]! >= 6 }
    let lastOnly = long.filter { $0.value == [Int32(lengths[$0.key]! - 1)] }
    #expect(abs(Double(lastOnly.count) / Double(long.count) - 0.25) < 0.07)
  }

  /// What is hidden of a sequence does not depend on the others of its batch.
  @Test func batchesChangeNothing() {
    let masking = masking(0.3, random: 0.1, kept: 0.1, span: 2, last: 0.2)
    let whole = masking.hidden(batch(0..<40), epoch: 3)
    let part = masking.hidden(batch(7..<9), epoch: 3)
    let chosen = targets(whole)
    #expect(targets(part) == chosen.filter { [7, 8].contains($0.key) })
    func items(_ batch: RaggedBatch, _ user: Int32) -> [Int32] {
      batch.items.indices.filter { batch.sequences[$0] == user }.map { batch.items[$0] }
    }
    #expect(items(whole, 7) == items(part, 7) && items(whole, 8) == items(part, 8))
    #expect(targets(masking.hidden(batch(0..<40), epoch: 4)) != chosen)
    #expect(targets(self.masking(0.3, seed: 2).hidden(batch(0..<40), epoch: 3)) != chosen)
  }

  /// A prediction fills one more event, after the last one.
  @Test func sequencesEndWithTheMask() {
    let batches = EvaluationBatches(
      split, part: .test, maximumLength: 7, endingWith: mask,
      partition: { BatchSize.sequences(50).partition($0) })
    let plain = EvaluationBatches(
      split, part: .test, maximumLength: 7, batchSize: .sequences(50))
    for (masked, batch) in zip(batches, plain) {
      #expect(masked.targets == batch.targets && masked.users == batch.users)
      #expect(masked.inputs.eventCount == batch.inputs.eventCount + batch.users.count)
      for (row, event) in masked.lastEvents.enumerated() {
        let event = Int(event)
        #expect(masked.inputs.items[event] == mask && masked.inputs.isHidden[event])
        #expect(masked.inputs.items[event - 1] == batch.inputs.items[Int(batch.lastEvents[row])])
        #expect(!masked.inputs.isHidden[event - 1] && masked.inputs.targets[event - 1] == 0)
        #expect(masked.inputs.times[event] == masked.inputs.times[event - 1] + 1)
      }
      #expect(masked.inputs.targetRows.map { $0 + 1 } == Array(masked.inputs.offsets.dropFirst()))
    }
  }

  /// A part of a batch hides what the batch hides.
  @Test func partsKeepWhatIsHidden() {
    let whole = masking(0.4).hidden(batch(0..<60), epoch: 0)
    let parts = whole.parts(ofAtMost: 100)
    #expect(parts.count > 1)
    #expect(parts.flatMap(\.isHidden) == whole.isHidden)
    #expect(parts.reduce(0) { $0 + $1.targetRows.count } == whole.targetRows.count)
  }
}
