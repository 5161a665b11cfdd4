import ClseqBenchmarks
import ClseqData
import Testing

@Suite struct NumberedBatchesTests {
  @Test func batchTakesEveryStrideThUser() {
    let dataset = SequenceDataset(uniform: 10, length: 8, itemCount: 9, seed: 1)
    let batches = NumberedBatches(dataset, size: 3, maximumLength: 4)
    #expect(users(of: batches[0]) == [0, 3, 6])
    #expect(users(of: batches[5]) == [5, 8, 1])
    #expect(batches[0].eventCount == 12 && batches[0].maximumLength == 4)
  }

  @Test func fewerUsersThanTheSizeComeAgain() {
    let dataset = SequenceDataset(uniform: 2, length: 8, itemCount: 9, seed: 1)
    #expect(users(of: NumberedBatches(dataset, size: 3, maximumLength: 4)[1]) == [1, 0, 1])
  }

  private func users(of batch: RaggedBatch) -> [Int32] {
    batch.offsets.dropLast().map { batch.sequences[Int($0)] }
  }
}

@Suite struct SpreadTests {
  @Test(arguments: [[3.0]: 3.0, [5, 1, 3]: 3, [4, 1, 3, 2]: 3])
  func medianIsTheMiddle(_ values: [Double], _ median: Double) {
    let spread = Spread(values)
    #expect(spread.median == median)
    #expect(spread.low == values.min() && spread.high == values.max())
  }
}
