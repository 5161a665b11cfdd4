import ClseqData
import ClseqTestSupport
import Testing

/// What must hold of every split of every log.
@Suite struct SplitPropertyTests {
  private static let second: Int64 = 1_000_000

  /// A log of 20 users and up to 16 items, repeats among them, and sessions, over about 3,000 seconds.
  private static func lines(seed: UInt64, hasTies: Bool) -> [String] {
    var numbers = TestNumbers(seed: seed)
    var times = hasTies ? [] : shuffled(Array(1...3_000), &numbers)
    return (0..<20).flatMap { user -> [String] in
      let count = 3 + Int(numbers.indices(1, below: 12)[0])
      let draws = numbers.indices(2 * count, below: 3_000)
      return (0..<count).map { place in
        let time = hasTies ? Int(draws[count + place]) / 100 * 100 : times.removeLast()
        return "u\(user),i\(draws[place] % 16),\(time),s\(time / 700)"
      }
    }
  }

  private static func shuffled<Element>(
    _ elements: [Element], _ numbers: inout TestNumbers
  ) -> [Element] {
    let keys = numbers.indices(elements.count, below: .max)
    return elements.indices.sorted { (keys[$0], $0) < (keys[$1], $1) }.map { elements[$0] }
  }

  private static func dataset(_ lines: [String]) throws -> SequenceDataset {
    let file = try TemporaryFile(
      "log.csv", "user_id,item_id,timestamp,session_id\n" + lines.joined(separator: "\n") + "\n")
    var options = ReadingOptions()
    options.times = .epoch(.seconds)
    return try SequenceDataset.load(path: file.path, options: options)
  }

  /// All splits of a log that has enough for them.
  private static func splits(_ dataset: SequenceDataset) throws -> [Split] {
    let unknown = dataset.withUnknownItem()
    return [
      .leaveOneOut(dataset), try .sessions(dataset),
      try .users(dataset, validationShare: 0.3, testShare: 0.3, seed: 5),
      try .time(dataset, validationStart: 1_500 * second, testStart: 2_200 * second),
      try .time(unknown, validationStart: 1_500 * second, testStart: 2_200 * second),
      try .horizons(unknown, horizon: 600 * second, test: 2_300 * second),
      try .arrivals(unknown, validationStart: 400 * second, testStart: 700 * second),
    ]
  }

  /// What a split says of one user, by places among the dataset's events.
  struct Stretches {
    var training: Range<Int>
    var targets: [Split.Part: Range<Int>] = [:]
    /// For each part with a target, the history and the target.
    var questions: [(history: Range<Int>, target: Int)] = []
  }

  static func stretches(_ split: Split) -> [Stretches] {
    (0..<split.dataset.userCount).map { user in
      var stretches = Stretches(training: split.training(of: user).indices)
      for part in Split.Part.allCases {
        stretches.targets[part] = split.targetPlaces(of: user, for: part)
        if split.users(of: part).contains(Int32(user)) {
          stretches.questions.append(
            (
              split.history(of: user, for: part).indices, split.targetPlace(of: user, for: part)
            ))
        }
      }
      return stretches
    }
  }

  /// What is wrong: a later event is an input, or is trained on.
  static func faults(_ stretches: [Stretches], _ times: Column<Int64>) -> [String] {
    stretches.enumerated().flatMap { user, stretches -> [String] in
      var faults: [String] = []
      for (history, target) in stretches.questions {
        if history.contains(where: { times[$0] > times[target] }) {
          faults.append("user \(user): a later input")
        }
        if history.contains(target) { faults.append("user \(user): the target is an input") }
        if stretches.training.contains(target) { faults.append("user \(user): trained on") }
      }
      for (part, targets) in stretches.targets where targets.overlaps(stretches.training) {
        faults.append("user \(user): \(part) is trained on")
      }
      return faults
    }
  }

  @Test(arguments: 0..<8 as Range<UInt64>, [false, true])
  func noInputIsLaterAndNothingAskedIsTrainedOn(seed: UInt64, hasTies: Bool) throws {
    let dataset = try Self.dataset(Self.lines(seed: seed, hasTies: hasTies))
    for split in try Self.splits(dataset) {
      let times = try #require(split.dataset.times)
      let stretches = Self.stretches(split)
      #expect(Self.faults(stretches, times).isEmpty, "\(split.name)")
      for user in 0..<split.dataset.userCount {
        let own = split.dataset[user].indices.map { times[$0] }
        #expect(own == own.sorted())
      }
      guard let validation = split.starts[.validation], let test = split.starts[.test],
        split.moments == nil
      else { continue }
      for stretch in stretches {
        #expect(stretch.training.allSatisfy { times[$0] < validation })
        #expect(
          try #require(stretch.targets[.validation]).allSatisfy {
            (validation..<test).contains(times[$0])
          })
        #expect(try #require(stretch.targets[.test]).allSatisfy { times[$0] >= test })
      }
    }
  }

  /// The check itself sees a planted look ahead: a training part, or a history, that is one too long.
  @Test func aPlantedLookAheadIsCaught() throws {
    let dataset = try Self.dataset(Self.lines(seed: 1, hasTies: false))
    let split = Split.leaveOneOut(dataset)
    let (sound, times) = (Self.stretches(split), try #require(dataset.times))
    #expect(Self.faults(sound, times).isEmpty)
    var trained = sound
    trained[3].training = trained[3].training.lowerBound..<trained[3].training.upperBound + 1
    #expect(Self.faults(trained, times).contains("user 3: trained on"))
    var seen = sound
    let question = seen[4].questions[0]
    seen[4].questions[0].history = question.history.lowerBound..<question.target + 2
    #expect(
      Set(Self.faults(seen, times)) == ["user 4: a later input", "user 4: the target is an input"])
  }

  @Test(arguments: 0..<8 as Range<UInt64>)
  func usersAreApart(seed: UInt64) throws {
    let dataset = try Self.dataset(Self.lines(seed: seed, hasTies: true))
    for split in [
      try Split.users(dataset, validationShare: 0.3, testShare: 0.3, seed: seed),
      try Split.arrivals(
        dataset.withUnknownItem(), validationStart: 400 * Self.second,
        testStart: 700 * Self.second),
    ] {
      for user in 0..<dataset.userCount {
        let parts = Split.Part.allCases.count { !split.targetPlaces(of: user, for: $0).isEmpty }
        #expect(parts + (split.training(of: user).isEmpty ? 0 : 1) <= 1)
      }
    }
  }

  /// By the names of users and items, whatever their order in the file.
  @Test(arguments: 0..<8 as Range<UInt64>)
  func theOrderOfTheFileChangesNothing(seed: UInt64) throws {
    let lines = Self.lines(seed: seed, hasTies: false)
    var numbers = TestNumbers(seed: seed + 100)
    let (one, other) = (
      try Self.splits(Self.dataset(lines)),
      try Self.splits(Self.dataset(Self.shuffled(lines, &numbers)))
    )
    for (left, right) in zip(one, other) {
      #expect(Self.told(left) == Self.told(right), "\(left.name)")
    }
  }

  private static func told(_ split: Split) -> [String: [[String]]] {
    func names(_ places: some Collection<Int>) -> [String] {
      places.map { place in
        let item = split.dataset.items[place]
        return item == split.dataset.vocabulary.unknown
          ? "unknown" : split.dataset.vocabulary[Int(item)]
      }
    }
    var told: [String: [[String]]] = [:]
    for (user, stretches) in stretches(split).enumerated() {
      let targets = Split.Part.allCases.map { names(stretches.targets[$0] ?? 0..<0) }
      told[split.dataset.users[user]] =
        [names(stretches.training)] + targets
        + stretches.questions.map { names(Array($0.history) + [$0.target]) }
    }
    return told
  }

  /// Windows of truths follow one another, and training knows nothing from its moment on.
  @Test func horizonsDoNotOverlap() throws {
    let dataset = try Self.dataset(Self.lines(seed: 2, hasTies: false)).withUnknownItem()
    let horizon = 600 * Self.second
    let split = try Split.horizons(dataset, horizon: horizon, test: nil)
    let (moments, times) = (try #require(split.moments), try #require(split.dataset.times))
    #expect(moments.training + horizon == moments.validation)
    #expect(moments.validation + horizon == moments.test)
    #expect(moments.test + horizon == (times.max() ?? 0) + 1)
    for user in 0..<split.dataset.userCount {
      #expect(split.training(of: user).indices.allSatisfy { times[$0] < moments.training })
    }
    #expect(throws: DataError.self) {
      try Split.horizons(dataset, horizon: 1_100 * Self.second, test: nil)
    }
  }
}
