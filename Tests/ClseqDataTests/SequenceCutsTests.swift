import ClseqData
import ClseqShop
import Testing

@Suite struct SequenceCutsTests {
  private let split: Split
  private var dataset: SequenceDataset { split.dataset }
  private var start: Int32 { Int32(dataset.vocabulary.rowCount) }

  init() throws {
    split = Split.leaveOneOut(
      try ShopLog(users: 400, items: 100, eventsPerUser: 3...40, seed: 11).dataset())
  }

  private func batch(_ users: Range<Int>) -> RaggedBatch {
    RaggedBatch(
      split.hiddenItemExamples(maximumLength: 30).filter { users.contains(Int($0.sequence)) },
      of: dataset)
  }

  private func cuts(_ length: Int = 5, seed: UInt64 = 1) -> SequenceCuts {
    SequenceCuts(targetLength: length, start: start, seed: seed)
  }

  /// What is read, and the targets, of each sequence by its number.
  private func parts(_ batch: RaggedBatch) -> [Int32: (read: [Int32], targets: [Int32])] {
    var parts: [Int32: (read: [Int32], targets: [Int32])] = [:]
    for (first, end) in zip(batch.offsets, batch.offsets.dropFirst()) {
      let rows = Int(first)..<Int(end)
      let place = batch.items[rows].firstIndex(of: start)!
      parts[batch.sequences[rows.lowerBound]] = (
        Array(batch.items[rows.lowerBound..<place]), Array(batch.targets[place..<rows.upperBound])
      )
      // Each written event is the target before it, and nothing else of it is known.
      #expect(
        batch.items[place + 1..<rows.upperBound] == batch.targets[place..<rows.upperBound - 1])
      #expect(rows.allSatisfy { batch.isHidden[$0] == ($0 >= place) })
      #expect(
        rows.allSatisfy { $0 == place || dataset.items[batch.places[$0]] == batch.items[$0] })
      #expect(batch.places[place] == batch.places[place - 1])
      #expect(rows.allSatisfy { batch.targetRows.contains(Int32($0)) == ($0 >= place) })
      #expect(Array(batch.times[rows]) == Array(0..<Int32(rows.count)))
    }
    return parts
  }

  @Test(arguments: [1, 5, 100])
  func aCutSequenceGoesOnAfterTheCut(_ length: Int) {
    let batch = batch(0..<400)
    let cut = cuts(length).hidden(batch, epoch: 0)
    let parts = parts(cut)
    #expect(cut.lengths == cut.lengths.sorted(by: >) && cut.sequenceCount == batch.sequenceCount)
    for (first, count) in zip(batch.offsets, batch.lengths) {
      let items = Array(batch.items[Int(first)..<Int(first) + count])
      guard let (read, targets) = parts[batch.sequences[Int(first)]] else { continue }
      #expect(!read.isEmpty && targets.count == min(length, count - read.count))
      #expect(read + targets == Array(items.prefix(read.count + targets.count)))
    }
    #expect(cuts(length).mostHidden(batch).targetRows.count >= cut.targetRows.count)
  }

  /// Every place of a sequence is as likely as any other.
  @Test func placesAreEquallyLikely() {
    let batch = batch(0..<1)
    let count = batch.eventCount
    var counts = [Int](repeating: 0, count: count)
    for epoch in 0..<2_000 { counts[parts(cuts().hidden(batch, epoch: epoch))[0]!.read.count] += 1 }
    let expected = 2_000 / Double(count - 1)
    #expect(counts[0] == 0)
    for place in 1..<count {
      #expect(abs(Double(counts[place]) - expected) < 6 * expected.squareRoot())
    }
  }

  /// A cut follows from seed, epoch and sequence alone.
  @Test func otherSequencesChangeNoCut() {
    let whole = parts(cuts().hidden(batch(0..<40), epoch: 3))
    for (user, part) in parts(cuts().hidden(batch(7..<9), epoch: 3)) {
      #expect(whole[user]! == part)
    }
    func reads(_ cuts: SequenceCuts, _ epoch: Int) -> [Int32: Int] {
      parts(cuts.hidden(batch(0..<40), epoch: epoch)).mapValues(\.read.count)
    }
    #expect(reads(cuts(), 4) != reads(cuts(), 3) && reads(cuts(seed: 2), 3) != reads(cuts(), 3))
  }

  /// The share of guesses rises to the middle of training; they follow from seed, epoch and place alone.
  @Test func guessesRiseAndAreTheirPlacesOwn() {
    func guessing(_ share: Double, seed: UInt64 = 1) -> SequenceCuts {
      SequenceCuts(targetLength: 5, start: start, guessShare: share, epochs: 20, seed: seed)
    }
    let batch = batch(0..<400)
    #expect(cuts().hidden(batch, epoch: 3).isGuessed.isEmpty)
    #expect(cuts().mostHidden(batch).isGuessed.isEmpty)
    for (epoch, share) in [(0, 0.06), (4, 0.3), (9, 0.6), (15, 0.6)] {
      let cut = guessing(0.6).hidden(batch, epoch: epoch)
      #expect(cut.items == cuts().hidden(batch, epoch: epoch).items)
      let places = cut.items.indices.filter { cut.isHidden[$0] && cut.items[$0] != start }
      let count = places.count { cut.isGuessed[$0] }
      #expect(count == cut.isGuessed.count { $0 })
      let expected = share * Double(places.count)
      #expect(abs(Double(count) - expected) < 5 * (expected * (1 - share)).squareRoot())
    }
    func guesses(_ users: Range<Int>, _ epoch: Int = 9, seed: UInt64 = 1) -> Set<Int> {
      let cut = guessing(0.6, seed: seed).hidden(self.batch(users), epoch: epoch)
      return Set(cut.places.indices.filter { cut.isGuessed[$0] }.map { cut.places[$0] })
    }
    let whole = guesses(0..<40)
    let own = guesses(7..<9)
    #expect(!own.isEmpty && own.isSubset(of: whole))
    #expect(guesses(0..<40, 10) != whole && guesses(0..<40, seed: 2) != whole)
    let cut = guessing(0.6).hidden(batch, epoch: 9)
    let parts = cut.parts(ofAtMost: 200)
    #expect(parts.count > 1 && parts.flatMap(\.isGuessed) == cut.isGuessed)
    let most = guessing(0.1).mostHidden(batch)
    #expect(most.isGuessed.count { $0 } == most.targetRows.count - most.sequenceCount)
  }

  /// Types of written events are known where they are written too: of the start that of the last event read.
  @Test func writtenTypesAreThoseOfTheItems() throws {
    var needs = EventNeeds()
    needs.types = true
    let dataset = try ShopLog(users: 40, items: 100, eventsPerUser: 3...40, seed: 11)
      .dataset(needs: needs)
    let encoding = try InputEncoding([.type], rule: nil, of: dataset)
    let examples = Split.leaveOneOut(dataset).hiddenItemExamples(maximumLength: 30)
    let cut = cuts().hidden(RaggedBatch(Array(examples), of: dataset), epoch: 0)
    let types = EncodedInputs(encoding, of: dataset, writesTypes: true).types(of: cut)
    let without = EncodedInputs(encoding, of: dataset).types(of: cut)
    let names = try #require(encoding.types)
    for row in types.indices {
      let type = try #require(dataset.events.types)[cut.places[row]]
      let name = try #require(dataset.types)[Int(type)]
      #expect(names[Int(types[row]) - 1] == name)
      #expect(without[row] == (cut.isHidden[row] ? 0 : types[row]))
    }
    #expect(Set(types).count > 1)
  }

  @Test func sidesHavePositionsOfTheirOwn() {
    let cut = cuts().hidden(batch(0..<40), epoch: 0)
    let (read, written) = cut.sides(startingAt: start)
    #expect(zip(read.lengths, written.lengths).map { $0 + $1 } == cut.lengths)
    #expect((read.rows + written.rows).sorted() == Array(0..<Int32(cut.eventCount)))
    #expect(written.rows == cut.targetRows)
    for (number, first) in read.offsets.dropLast().enumerated() {
      let count = read.lengths[number]
      #expect(
        Array(read.times[Int(first)..<Int(first) + count]) == (0..<Int32(count)).reversed())
      let place = Int(written.offsets[number])
      let times = written.times[place..<place + written.lengths[number]]
      #expect(Array(times) == Array(0..<Int32(written.lengths[number])))
    }
  }
}
