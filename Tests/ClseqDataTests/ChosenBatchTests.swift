import ClseqData
import ClseqShop
import Testing

@Suite struct ChosenBatchTests {
  @Test func batchOfChosenUsersHoldsTheirMostRecentTraining() throws {
    let log = try ShopLog(users: 40, items: 100, eventsPerUser: 3...40, seed: 11)
    let split = Split.leaveOneOut(try log.dataset())
    let users = [5, 0, 17]
    let batch = RaggedBatch(training: users, of: split, maximumLength: 4)
    let expected = users.filter { split.training(of: $0).count > 1 }
      .map { (user: $0, inputs: split.training(of: $0).dropLast().suffix(4)) }
      .sorted { $0.inputs.count > $1.inputs.count }
    #expect(batch.items == expected.flatMap(\.inputs))
    #expect(
      batch.targets == expected.flatMap { split.training(of: $0.user).suffix($0.inputs.count) })
    #expect(
      batch.sequences
        == expected.flatMap { repeatElement(Int32($0.user), count: $0.inputs.count) })
  }

  @Test func usersWithNothingToTrainOnAreLeftOut() {
    let split = Split.leaveOneOut(SequenceDataset(uniform: 2, length: 3, itemCount: 5, seed: 1))
    #expect(RaggedBatch(training: [0, 1], of: split, maximumLength: 9).sequenceCount == 0)
  }

  @Test func uniformSequencesHaveTheAskedSizes() {
    let dataset = SequenceDataset(uniform: 50, length: 20, itemCount: 30, seed: 1)
    #expect(dataset.userCount == 50 && dataset.eventCount == 1_000 && dataset.itemCount == 30)
    #expect((0..<50).allSatisfy { dataset[$0].count == 20 })
    #expect(Set(dataset.items) == Set(1...30))
    #expect(dataset.vocabulary[30] == "30")
    let other = SequenceDataset(uniform: 50, length: 20, itemCount: 30, seed: 2)
    #expect(other.items != dataset.items)
  }
}
