import ClseqData
import ClseqShop
import Testing

@Suite struct ExampleTests {
  @Test(arguments: [1, 2, 3, 7, 50], [0..<1, 0..<7, 3..<20, 19..<20, 5..<200])
  func coveringHasEveryTargetOnceWithItsHistory(_ maximumLength: Int, _ targets: Range<Int>) {
    let examples = Example.covering(
      targets, from: 0, sequence: 4, maximumLength: maximumLength)
    #expect(examples.flatMap { Array($0.targets) } == Array(targets))
    for example in examples {
      #expect(example.sequence == 4)
      #expect(example.inputs.count <= maximumLength)
      #expect(example.inputs.upperBound == example.targets.upperBound)
      let history = example.targets.lowerBound - example.inputs.lowerBound
      #expect(history >= min(example.targets.lowerBound, maximumLength / 2))
    }
  }

  /// Each event is asked about once, in a window that gives what its own would: the last inputs up to
  /// it, or, for a model of a fixed reach, as many as it sees.
  @Test(arguments: [1, 2, 3, 7, 50], [0..<0, 0..<1, 0..<7, 3..<20, 19..<20, 5..<200])
  func windowsHoldTheLastEvents(_ maximumLength: Int, _ targets: Range<Int>) {
    for (reach, start) in [(nil, 0), (nil, min(3, targets.lowerBound)), (1, 0), (5, 0), (80, 0)] {
      let windows = Array(
        TargetWindows(
          targets, from: start, sequence: 4, maximumLength: maximumLength, reach: reach))
      #expect(windows.flatMap { Array($0.targets) } == Array(targets))
      for window in windows {
        #expect(window.sequence == 4 && window.inputs.count <= maximumLength)
        #expect(window.inputs.upperBound == window.targets.upperBound)
        for place in window.targets {
          let own = max(start, place - maximumLength + 1)
          let seen = max(start, place - min(reach ?? .max, maximumLength) + 1)
          #expect(window.inputs.lowerBound >= own || reach ?? .max < maximumLength)
          #expect(window.inputs.lowerBound <= seen)
          if reach == nil { #expect(window.inputs.lowerBound == own) }
        }
      }
    }
    // What follows, and what else is asked about, changes no window's beginning.
    let all = Array(TargetWindows(0..<200, from: 0, sequence: 0, maximumLength: maximumLength))
    for window in TargetWindows(targets, from: 0, sequence: 0, maximumLength: maximumLength) {
      for place in window.targets {
        let same = all.first { $0.targets.contains(place) }
        #expect(same?.inputs.lowerBound == window.inputs.lowerBound)
      }
    }
  }

  @Test(arguments: [BatchSize.sequences(3), .events(10), .sequences(1), .events(1)])
  func batchesAreThoseOfAPartition(_ size: BatchSize) {
    for count in [0, 1, 2, 7, 30] {
      let examples = Array(TargetWindows(0..<count, from: 0, sequence: 0, maximumLength: 4))
      let ranges = size.partition(examples.map { $0.inputs.count })
      #expect(Array(ExampleBatches(examples, size: size)) == ranges.map { Array(examples[$0]) })
    }
  }

  @Test func aBatchTellsWhereItsEventsStandAndWhichAreAskedAbout() throws {
    let dataset = try ShopLog(users: 3, items: 10, eventsPerUser: 5...5, seed: 1).dataset()
    let batch = RaggedBatch(
      [
        Example(sequence: 0, inputs: 1..<3, targets: 2..<3),
        Example(sequence: 2, inputs: 11..<15, targets: 13..<15),
      ], of: dataset)
    #expect(batch.places == [11, 12, 13, 14, 1, 2])
    #expect(batch.targetRows == [2, 3, 5])
    #expect(batch.offsets == [0, 4, 6])
    // Nothing follows the last event of a user, and least of all an event of the next one.
    #expect(batch.targets[3] == 0)
    #expect(batch.targets[0] == dataset.items[12] && batch.targets[5] == dataset.items[3])
  }
}

@Suite struct ExampleListTests {
  /// The examples of a stretch, one after another in a plain loop.
  private func plain(
    _ targets: Range<Int>, from start: Int, maximumLength: Int
  ) -> [Example] {
    var examples: [Example] = []
    var lower = targets.lowerBound
    while lower < targets.upperBound {
      let history = min(lower - start, maximumLength / 2)
      let upper = min(targets.upperBound, lower + max(1, maximumLength - history))
      examples.append(
        Example(
          sequence: 7, inputs: max(start, upper - maximumLength)..<upper, targets: lower..<upper))
      lower = upper
    }
    return examples
  }

  @Test(arguments: 1...12)
  func anExampleIsFoundByItsNumber(maximumLength: Int) {
    for start in [0, 5] {
      for lower in start...start + 14 {
        for count in 0...30 {
          let targets = lower..<lower + count
          #expect(
            Example.covering(targets, from: start, sequence: 7, maximumLength: maximumLength)
              == plain(targets, from: start, maximumLength: maximumLength))
        }
      }
    }
  }

  @Test func examplesOfUsersStandOneAfterAnother() {
    let counts = [0, 2, 0, 0, 3, 1, 0]
    let examples = Examples(userCount: counts.count, count: { counts[$0] }) { user, number in
      Example(sequence: Int32(user), inputs: number..<number + 1)
    }
    let expected: [(Int32, Int)] = [(1, 0), (1, 1), (4, 0), (4, 1), (4, 2), (5, 0)]
    #expect(examples.count == 6)
    #expect(examples.map(\.sequence) == expected.map(\.0))
    #expect(examples.indices.map { examples[$0].inputs.lowerBound } == expected.map(\.1))
    #expect(examples.indices.map { examples[$0].sequence } == expected.map(\.0))
    #expect(Examples([]).isEmpty)
  }
}
