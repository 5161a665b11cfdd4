import ClseqData
import ClseqTestSupport
import Testing

@Suite struct WordDropoutTests {
  private static let dataset = SequenceDataset(uniform: 200, length: 20, itemCount: 9, seed: 1)

  private func batch(_ users: Range<Int32>) -> RaggedBatch {
    let dataset = Self.dataset
    return RaggedBatch(
      users.map {
        Example(
          sequence: $0,
          inputs: Int(dataset.offsets[Int($0)])..<Int(dataset.offsets[Int($0) + 1]))
      }, of: dataset)
  }

  @Test func theItemBeforeIsGiven() {
    let batch = batch(0..<2)
    let given = batch.itemsBefore(startingAt: 10)
    #expect(given == [0..<19, 20..<39].flatMap { [10] + batch.items[$0] })
    #expect(batch.sequenceNumbers == (0..<40).map { $0 < 20 ? 0 : 1 })
    #expect(batch.isLast.indices.filter { batch.isLast[$0] } == [19, 39])
  }

  @Test func theAskedShareIsForgotten() {
    let batch = batch(0..<200)
    let forgotten = WordDropout(share: 0.3, seed: 1).applied(to: batch, epoch: 2)
    let plain = batch.itemsBefore(startingAt: 10)
    let given = forgotten.itemsBefore(startingAt: 10)
    #expect(zip(plain, given).allSatisfy { $0 == $1 || $1 == 10 })
    // Five deviations of 3,800 draws.
    let share = Double(zip(plain, given).count { $0 != $1 }) / (200 * 19)
    #expect(abs(share - 0.3) < 5 * 0.0075)
    #expect(forgotten.items == batch.items)
    #expect(WordDropout(share: 0, seed: 1).applied(to: batch, epoch: 2) == batch)
    let all = WordDropout(share: 1, seed: 1).applied(to: batch, epoch: 2)
    #expect(all.itemsBefore(startingAt: 10).allSatisfy { $0 == 10 })
  }

  /// The choice follows from seed, epoch, sequence and place, in a part of a batch too.
  @Test func theChoiceIsTheSequencesOwn() {
    let words = WordDropout(share: 0.5, seed: 1)
    let whole = words.applied(to: batch(0..<200), epoch: 2)
    let given = whole.itemsBefore(startingAt: 10)
    let alone = words.applied(to: batch(7..<8), epoch: 2).itemsBefore(startingAt: 10)
    #expect(alone == Array(given[140..<160]))
    #expect(
      whole.parts(ofAtMost: 20)[7].itemsBefore(startingAt: 10) == alone)
    #expect(words.applied(to: batch(7..<8), epoch: 3).itemsBefore(startingAt: 10) != alone)
    #expect(
      WordDropout(share: 0.5, seed: 2).applied(to: batch(7..<8), epoch: 2)
        .itemsBefore(startingAt: 10) != alone)
  }
}
