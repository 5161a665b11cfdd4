import ClseqData
import ClseqShop
import Testing

@Suite struct BatchTests {
  private func shop(_ users: Int = 300, _ lengths: ClosedRange<Int> = 3...40) throws -> Split {
    let log = try ShopLog(users: users, items: 100, eventsPerUser: lengths, seed: 11)
    return Split.leaveOneOut(try log.dataset())
  }

  /// What must hold of every batch, whatever is in it.
  private func expectSound(_ batch: RaggedBatch) {
    #expect(batch.items.count == batch.eventCount && batch.targets.count == batch.eventCount)
    #expect(batch.times.count == batch.eventCount && batch.sequences.count == batch.eventCount)
    #expect(batch.offsets.first == 0 && Int(batch.offsets.last ?? -1) == batch.eventCount)
    let lengths = zip(batch.offsets.dropFirst(), batch.offsets).map { $0 - $1 }
    #expect(lengths == lengths.sorted(by: >) && lengths.allSatisfy { $0 > 0 })
    #expect(Int(lengths.first ?? 0) == batch.maximumLength)
    #expect(batch.times == lengths.flatMap { 0..<$0 })
    for (start, end) in zip(batch.offsets, batch.offsets.dropFirst()) {
      #expect(Set(batch.sequences[Int(start)..<Int(end)]).count == 1)
    }
  }

  /// Each user's inputs and targets, found in an epoch's batches.
  private func stretches(_ batches: EpochBatches) -> [Int32: (inputs: [Int32], targets: [Int32])] {
    var found: [Int32: (inputs: [Int32], targets: [Int32])] = [:]
    for batch in batches {
      for (start, end) in zip(batch.offsets, batch.offsets.dropFirst()) {
        let range = Int(start)..<Int(end)
        #expect(found[batch.sequences[Int(start)]] == nil)
        found[batch.sequences[Int(start)]] = (
          Array(batch.items[range]), Array(batch.targets[range])
        )
      }
    }
    return found
  }

  @Test(arguments: [1, 5, 100], [BatchSize.sequences(16), .events(200)])
  func epochHoldsEveryTrainingSequenceOnce(_ maximumLength: Int, _ size: BatchSize) throws {
    let split = try shop()
    let sampler = BatchSampler(split, maximumLength: maximumLength, batchSize: size, seed: 1)
    let batches = sampler.batches(epoch: 0)
    batches.forEach(expectSound)
    let found = stretches(batches)
    for user in 0..<split.dataset.userCount {
      let training = split.training(of: user)
      let stretch = found[Int32(user)]
      #expect(stretch?.inputs ?? [] == Array(training.dropLast().suffix(maximumLength)))
      #expect(
        stretch?.targets ?? [] == Array(training.dropFirst().suffix(maximumLength)))
    }
    #expect(batches.reduce(0) { $0 + $1.eventCount } == sampler.trainingEventCount)
    #expect(found.count == sampler.trainingSequenceCount)
    for (index, batch) in batches.enumerated() {
      #expect(batches.eventCount(of: index) == batch.eventCount)
      switch size {
      case .sequences(let limit): #expect(batch.sequenceCount <= limit)
      case .events(let limit): #expect(batch.eventCount <= limit || batch.sequenceCount == 1)
      }
    }
  }

  @Test func orderFollowsFromSeedAndEpoch() throws {
    let split = try shop()
    func order(_ seed: UInt64, _ epoch: Int) -> [RaggedBatch] {
      Array(
        BatchSampler(split, maximumLength: 20, batchSize: .sequences(32), seed: seed)
          .batches(epoch: epoch))
    }
    #expect(order(1, 0) == order(1, 0))
    #expect(order(1, 0) != order(1, 1))
    #expect(order(1, 0) != order(2, 0))
  }

  @Test(arguments: [BatchSize.sequences(7), .events(100), .events(30), .events(100_000)])
  func largestBatchOfEpochs(_ size: BatchSize) throws {
    let sampler = BatchSampler(try shop(), maximumLength: 30, batchSize: size, seed: 5)
    let sizes = (3..<9).flatMap { sampler.batches(epoch: $0).map(\.eventCount) }
    #expect(sampler.largestBatch(epochs: 3..<9)?.eventCount == sizes.max())
  }

  @Test func nothingToTrainOn() throws {
    let sampler = BatchSampler(
      try shop(20, 3...3), maximumLength: 5, batchSize: .sequences(4), seed: 1)
    #expect(sampler.trainingEventCount == 0 && sampler.batches(epoch: 0).isEmpty)
    #expect(sampler.largestBatch(epochs: 0..<3) == nil)
  }

  @Test(arguments: Split.Part.allCases, [BatchSize.sequences(64), .events(300)])
  func evaluationBatches(_ part: Split.Part, _ size: BatchSize) throws {
    let split = try shop()
    let batches = EvaluationBatches(split, part: part, maximumLength: 10, batchSize: size)
    var expectedUsers: [Int32] = []
    for batch in batches {
      expectSound(batch.inputs)
      #expect(batch.users.sorted() == batch.users.indices.map { Int32($0 + expectedUsers.count) })
      expectedUsers += batch.users.sorted()
      for (row, user) in batch.users.enumerated() {
        let range = Int(batch.inputs.offsets[row])..<Int(batch.inputs.offsets[row + 1])
        #expect(
          Array(batch.inputs.items[range])
            == Array(split.history(of: Int(user), for: part).suffix(10)))
        #expect(batch.targets[row] == split.target(of: Int(user), for: part))
        #expect(Int(batch.lastEvents[row]) == range.upperBound - 1)
        #expect(batch.inputs.targets[range.upperBound - 1] == batch.targets[row])
        let seen = Int(batch.seenOffsets[row])..<Int(batch.seenOffsets[row + 1])
        #expect(Array(batch.seen[seen]) == split.exclusions(of: Int(user), for: part))
      }
    }
    #expect(expectedUsers == (0..<Int32(split.dataset.userCount)).map { $0 })
  }
}
