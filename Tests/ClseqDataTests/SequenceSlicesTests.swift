import ClseqData
import ClseqShop
import Testing

@Suite struct SequenceSlicesTests {
  private let split: Split
  private var dataset: SequenceDataset { split.dataset }

  init() throws {
    split = Split.leaveOneOut(
      try ShopLog(users: 300, items: 100, eventsPerUser: 3...40, seed: 11).dataset())
  }

  private func batch(_ users: Range<Int>) -> RaggedBatch {
    RaggedBatch(
      split.hiddenItemExamples(maximumLength: 30).filter { users.contains(Int($0.sequence)) },
      of: dataset)
  }

  /// Places of each slice, by user.
  private func slices(_ batch: RaggedBatch) -> [Int32: [[Int]]] {
    var found: [Int32: [[Int]]] = [:]
    for (start, end) in zip(batch.offsets, batch.offsets.dropFirst()) {
      let rows = Int(start)..<Int(end)
      found[batch.sequences[rows.lowerBound], default: []].append(Array(batch.places[rows]))
    }
    return found
  }

  /// Two stretches of each user's events as they follow each other, longest sequence first.
  @Test(arguments: [0.01, 0.5, 1])
  func everyUserHasTwo(_ shortest: Double) {
    let whole = batch(0..<300)
    let sliced = SequenceSlices(shortest: shortest, seed: 3).slices(of: whole, epoch: 0)
    #expect(sliced.lengths == sliced.lengths.sorted(by: >))
    #expect(sliced.sequenceCount == 2 * whole.sequenceCount)
    let (all, users) = (slices(whole), slices(sliced))
    #expect(users.count == whole.sequenceCount)
    for (user, parts) in users {
      let places = all[user]![0]
      #expect(parts.count == 2)
      for part in parts {
        #expect(Double(part.count) >= shortest * Double(places.count))
        #expect(part == Array(part[0]...part[part.count - 1]))
        #expect(part[0] >= places[0] && part.last! <= places.last!)
      }
    }
    for event in 0..<sliced.eventCount {
      #expect(sliced.items[event] == dataset.items[sliced.places[event]])
    }
    for (start, end) in zip(sliced.offsets, sliced.offsets.dropFirst()) {
      #expect(Array(sliced.times[Int(start)..<Int(end)]) == Array(0..<(end - start)))
    }
    let least = SequenceSlices(shortest: shortest, seed: 3).largestSlices(of: whole)
    #expect(least.eventCount >= sliced.eventCount)
  }

  /// Slices follow from the seed, the epoch and the user, not from the batch.
  @Test func theyDoNotDependOnTheBatch() {
    let draws = SequenceSlices(shortest: 0.25, seed: 3)
    let all = slices(draws.slices(of: batch(0..<300), epoch: 1))
    let some = slices(draws.slices(of: batch(50..<60), epoch: 1))
    #expect(some.count == 10 && some.allSatisfy { Set(all[$0.key]!) == Set($0.value) })
    let later = slices(draws.slices(of: batch(0..<300), epoch: 2))
    #expect(later.count { Set(all[$0.key]!) != Set($0.value) } > 200)
    let other = SequenceSlices(shortest: 0.25, seed: 4)
    #expect(slices(other.slices(of: batch(0..<300), epoch: 1)) != all)
  }

  @Test func pairsAreTheLastEventsOfOneUser() {
    let sliced = SequenceSlices(shortest: 0.25, seed: 3).slices(of: batch(0..<50), epoch: 0)
    let pairs = sliced.slicePairs
    let ends = Set(sliced.offsets.dropFirst().map { $0 - 1 })
    #expect(pairs.count == sliced.sequenceCount / 2)
    #expect(Set(pairs.flatMap { [$0.first, $0.second] }) == ends)
    #expect(
      pairs.allSatisfy { sliced.sequences[Int($0.first)] == sliced.sequences[Int($0.second)] })
    // A part of the batch may hold one slice of a user alone.
    #expect(sliced.parts(ofAtMost: 10).allSatisfy { $0.slicePairs.count <= $0.sequenceCount / 2 })
  }

  /// Masked events keep their places, and last events are asked for too.
  @Test func slicesAreMasked() {
    let sliced = SequenceSlices(shortest: 0.25, seed: 3).slices(of: batch(0..<50), epoch: 0)
    let masking = EventMasking(
      probability: 0.3, mask: 101, itemCount: dataset.itemCount, seed: 1)
    let masked = masking.hidden(sliced, epoch: 0).withLastEvents()
    #expect(masked.targetRows == masked.targetRows.sorted())
    #expect(Set(masked.targetRows).isSuperset(of: sliced.offsets.dropFirst().map { $0 - 1 }))
    for row in masked.targetRows.map(Int.init) where !masked.isHidden[row] {
      #expect(masked.targets[row] == 0 && masked.items[row] == sliced.items[row])
    }
  }
}
