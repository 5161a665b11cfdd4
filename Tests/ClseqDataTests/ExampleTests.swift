import ClseqData
import Testing

@Suite struct ExampleTests {
  @Test(arguments: [1, 2, 3, 7, 50], [0..<1, 0..<7, 3..<20, 19..<20, 5..<200])
  func coveringAsksAboutEveryEventOnceWithItsHistory(_ maximumLength: Int, _ asked: Range<Int>) {
    let examples = Example.covering(
      asked, from: 0, sequence: 4, maximumLength: maximumLength)
    #expect(examples.flatMap { Array($0.asked) } == Array(asked))
    for example in examples {
      #expect(example.sequence == 4)
      #expect(example.inputs.count <= maximumLength)
      #expect(example.inputs.upperBound == example.asked.upperBound)
      let history = example.asked.lowerBound - example.inputs.lowerBound
      #expect(history >= min(example.asked.lowerBound, maximumLength / 2))
    }
  }

  @Test func aBatchTellsWhereItsEventsStandAndWhichAreAskedAbout() throws {
    let dataset = try ShopLog(users: 3, items: 10, eventsPerUser: 5...5, seed: 1).dataset()
    let batch = RaggedBatch(
      [
        Example(sequence: 0, inputs: 1..<3, asked: 2..<3),
        Example(sequence: 2, inputs: 11..<15, asked: 13..<15),
      ], of: dataset)
    #expect(batch.places == [11, 12, 13, 14, 1, 2])
    #expect(batch.asked == [2, 3, 5])
    #expect(batch.offsets == [0, 4, 6])
    // Nothing follows the last event of a user, and least of all an event of the next one.
    #expect(batch.targets[3] == 0)
    #expect(batch.targets[0] == dataset.items[12] && batch.targets[5] == dataset.items[3])
  }
}
