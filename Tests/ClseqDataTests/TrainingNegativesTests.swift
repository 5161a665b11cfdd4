import ClseqData
import ClseqShop
import ClseqTestSupport
import Foundation
import Testing

@Suite struct SharedNegativesTests {
  /// The numbers must be the same on every platform, so they are written down here.
  @Test func negativesAreFixed() {
    let uniform = SharedNegatives(count: 5, from: .uniform(itemCount: 1_000), seed: 1)
    #expect(uniform.items(epoch: 0, step: 3) == [284, 323, 638, 744, 753])
    #expect(uniform.items(epoch: 0, step: 3) == uniform.items(epoch: 0, step: 3))
    #expect(uniform.items(epoch: 0, step: 3) != uniform.items(epoch: 0, step: 4))
    #expect(uniform.items(epoch: 0, step: 3) != uniform.items(epoch: 1, step: 3))
    let other = SharedNegatives(count: 5, from: .uniform(itemCount: 1_000), seed: 2)
    #expect(uniform.items(epoch: 0, step: 3) != other.items(epoch: 0, step: 3))
  }

  @Test(arguments: [1, 7, 19, 20])
  func itemsAreDistinctAndAscending(_ count: Int) {
    let counts = (0..<20).map { $0 * $0 }
    for distribution in [
      ItemDistribution.uniform(itemCount: 20), .popularity(counts, exponent: 0.75),
    ] {
      let negatives = SharedNegatives(count: count, from: distribution, seed: 9)
      for step in 0..<100 {
        let items = negatives.items(epoch: 2, step: step)
        #expect(items.count == count && items == Set(items).sorted())
        #expect(items.allSatisfy { (1...20).contains($0) })
      }
    }
  }

  /// How often each item is drawn in 4,000 batches, against what is said to be expected.
  @Test(arguments: [3, 10, 25])
  func expectedCountsAreWhatIsDrawn(_ count: Int) {
    let counts = (1...30).map { 2_000 / $0 }
    for distribution in [
      ItemDistribution.uniform(itemCount: 30), .popularity(counts, exponent: 0.75),
    ] {
      let negatives = SharedNegatives(count: count, from: distribution, seed: 4)
      var drawn = [Int](repeating: 0, count: 31)
      for step in 0..<4_000 {
        for item in negatives.items(epoch: 0, step: step) { drawn[Int(item)] += 1 }
      }
      let expected = negatives.logExpectedCounts(of: Array(1...30)).map { exp(Double($0)) }
      #expect(abs(expected.reduce(0, +) - Double(count)) < Tolerance.inclusionSum)
      for (item, chance) in zip(1...30, expected) {
        let share = Double(drawn[item]) / 4_000
        let deviation = (chance * (1 - chance) / 4_000).squareRoot()
        #expect(
          abs(share - chance) <= Tolerance.deviations * deviation + Tolerance.inclusion * chance,
          "\(count), item \(item)")
      }
    }
  }

  @Test func aDrawOfEverythingIsCertain() {
    let negatives = SharedNegatives(
      count: 4, from: .popularity([9, 1, 1, 0], exponent: 1), seed: 1)
    #expect(negatives.items(epoch: 0, step: 0) == [1, 2, 3, 4])
    #expect(negatives.logExpectedCounts(of: [1, 4]) == [0, 0])
  }
}

@Suite struct EventNegativesTests {
  private func split() throws -> Split {
    let log = try ShopLog(users: 60, items: 60, eventsPerUser: 3...30, seed: 11)
    return Split.leaveOneOut(try log.dataset())
  }

  private func batch(_ users: some Sequence<Int>, maximumLength: Int = 20) throws -> RaggedBatch {
    RaggedBatch(training: users, of: try split(), maximumLength: maximumLength)
  }

  private var distributions: [ItemDistribution] {
    [.uniform(itemCount: 60), .popularity((1...60).map { 500 / $0 }, exponent: 0.75)]
  }

  @Test(arguments: [false, true])
  func noneIsTheTargetOrOfTheSequence(_ avoidsSequence: Bool) throws {
    let batch = try batch(0..<60)
    for distribution in distributions {
      let negatives = EventNegatives(
        count: 3, from: distribution, avoidsSequence: avoidsSequence, seed: 1)
      let items = negatives.items(for: batch, epoch: 0)
      #expect(items.count == 3 * batch.eventCount)
      #expect(items.allSatisfy { (1...60).contains($0) })
      for (start, end) in zip(batch.offsets, batch.offsets.dropFirst()) {
        let events = Int(start)..<Int(end)
        let held = Set(batch.items[events]).union(batch.targets[events])
        for event in events {
          let own = items[event * 3..<event * 3 + 3]
          #expect(!own.contains(batch.targets[event]))
          if avoidsSequence { #expect(held.isDisjoint(with: own)) }
        }
      }
      #expect(items == negatives.items(for: batch, epoch: 0))
      #expect(items != negatives.items(for: batch, epoch: 1))
    }
  }

  /// A user's negatives are the same whoever else is in the batch.
  @Test func theBatchChangesNothing() throws {
    let negatives = EventNegatives(count: 2, from: distributions[1], avoidsSequence: true, seed: 3)
    let (all, part) = (try batch(0..<60), try batch(10..<30))
    let (drawn, again) = (negatives.items(for: all, epoch: 4), negatives.items(for: part, epoch: 4))
    for (start, end) in zip(part.offsets, part.offsets.dropFirst()) {
      let sequence = part.sequences[Int(start)]
      let first = try #require(all.sequences.firstIndex(of: sequence))
      let length = Int(end - start)
      #expect(drawn[2 * first..<2 * (first + length)] == again[2 * Int(start)..<2 * Int(end)])
    }
  }

  /// Each item comes as often as its probability, renormalised without the target, says.
  @Test func itemsComeAsOftenAsTheyShould() throws {
    let batch = try batch(0..<60)
    for distribution in distributions {
      let negatives = EventNegatives(count: 200, from: distribution, seed: 2)
      let chances = negatives.logExpectedCounts(of: Array(1...60)).map { exp(Double($0)) / 200 }
      var expected = [Double](repeating: 0, count: 60)
      for target in batch.targets {
        let rest = 1 - chances[Int(target) - 1]
        for item in 0..<60 where item != Int(target) - 1 { expected[item] += chances[item] / rest }
      }
      var drawn = [Double](repeating: 0, count: 60)
      for item in negatives.items(for: batch, epoch: 0) { drawn[Int(item) - 1] += 1 }
      let statistic = zip(drawn, expected).reduce(0.0) {
        $0 + ($1.0 - 200 * $1.1) * ($1.0 - 200 * $1.1) / (200 * $1.1)
      }
      #expect(statistic < Tolerance.chiSquare(degrees: 59))
    }
  }

  /// Sequences that hold every item leave out the target alone; one item leaves nothing else.
  @Test func tinyCatalogues() throws {
    let file = try TemporaryFile(
      "log.txt", (0..<12).map { "u \(["a", "b", "c"][$0 * $0 % 7 % 3])\n" }.joined())
    let split = Split.leaveOneOut(try SequenceDataset.load(path: file.path))
    let batch = RaggedBatch(training: 0..<1, of: split, maximumLength: 30)
    #expect(batch.eventCount == 9 && Set(batch.items) == [1, 2, 3])
    let two = EventNegatives(
      count: 2, from: .uniform(itemCount: 3), avoidsSequence: true, seed: 1)
    let items = two.items(for: batch, epoch: 0)
    #expect(items.indices.allSatisfy { items[$0] != batch.targets[$0 / 2] })
    let one = EventNegatives(count: 1, from: .uniform(itemCount: 1), seed: 1)
    #expect(one.items(for: batch, epoch: 0).allSatisfy { $0 == 1 })
  }
}
